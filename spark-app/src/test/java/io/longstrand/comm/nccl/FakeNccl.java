package io.longstrand.comm.nccl;

import io.longstrand.comm.DeviceGroups;
import io.longstrand.comm.DeviceWorlds;
import io.longstrand.comm.World;
import io.longstrand.tensor.DataType;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What NCCL does, among ranks that are threads of one process and whose devices are its processor: it keeps what it was
 * called, and performs it as NCCL would. Operations of a communicator run in the order of its calls, each when all ranks
 * that take part in it have come to it, and later than the call; it has finished when all its ranks have begun to finish.
 * Sums are those of other transports, to the last bit.
 */
final class FakeNccl {
    /** One call of a rank: what, of which communicator and stream. */
    record Call(int rank, String what, long communicator, long stream) {
        @Override
        public String toString() {
            return what;
        }
    }

    /** Of a communicator's rank: what it was given and is not done. */
    private static final class Member {
        private final Communication communication;
        private final int rank;
        private final Deque<List<Step>> queue = new ArrayDeque<>();
        private int looks;
        private boolean finishing;
        private boolean ended;

        Member(Communication communication, int rank) {
            this.communication = communication;
            this.rank = rank;
        }
    }

    private static final class Communication {
        private final Member[] members;

        Communication(int ranks) {
            members = new Member[ranks];
        }

        private boolean isComplete() {
            for (Member member : members) {
                if (member == null) {
                    return false;
                }
            }
            return true;
        }

        /** Also of those that are given back since. */
        private boolean isFinished() {
            for (Member member : members) {
                if (member == null || !member.finishing) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A call as far as it concerns others. @param root that of the slice for reduce and broadcast, the peer for messages */
    private record Step(String kind, long from, long to, long count, DataType type, int root) {
        private String text() {
            return kind + " " + count + " " + type + (root < 0 ? "" : " " + root);
        }
    }

    private final List<Call> calls = new ArrayList<>();
    private final Map<ByteBuffer, Communication> byId = new HashMap<>();
    private final Map<Long, Member> byHandle = new HashMap<>();
    private final Map<Long, Member> byStream = new HashMap<>();
    private final ThreadLocal<List<Step>> grouped = new ThreadLocal<>();
    private long handles;
    private byte ids;
    private String broken = "";
    private Consumer<Call> beforeCall = call -> {};

    /** Worlds whose groups talk by it. */
    List<World> worlds(int ranks, Duration timeout) {
        return DeviceWorlds.worlds(ranks, timeout, this::of);
    }

    private DeviceGroups of(int rank) {
        return Nccl.over(new OfRank(rank));
    }

    /** What was called by a rank so far, in its order. */
    synchronized List<Call> calls(int rank) {
        return calls.stream().filter(call -> call.rank() == rank).toList();
    }

    /** From now on everything ends with an error. */
    synchronized void breakDown(String message) {
        broken = message;
    }

    /** From now on sees every call before it does anything, and may throw instead. */
    synchronized void before(Consumer<Call> observer) {
        beforeCall = observer;
    }

    private final class OfRank implements NcclCalls {
        private final int device;

        OfRank(int device) {
            this.device = device;
        }

        @Override
        public byte[] uniqueId() {
            synchronized (FakeNccl.this) {
                byte[] id = new byte[UniqueIds.BYTES];
                id[UniqueIds.BYTES - 1] = ++ids;
                called("unique id", 0, 0);
                return id;
            }
        }

        @Override
        public long open(int ranks, byte[] uniqueId, int rank) {
            synchronized (FakeNccl.this) {
                long handle = ++handles;
                called("open rank " + rank + " of " + ranks, handle, 0);
                Communication communication =
                        byId.computeIfAbsent(ByteBuffer.wrap(uniqueId), made -> new Communication(ranks));
                if (communication.members.length != ranks || communication.members[rank] != null) {
                    throw new IllegalStateException("rank " + rank + " of " + ranks + " is not to be opened here");
                }
                Member member = new Member(communication, rank);
                communication.members[rank] = member;
                byHandle.put(handle, member);
                return handle;
            }
        }

        @Override
        public boolean settled(long communicator) {
            synchronized (FakeNccl.this) {
                if (!broken.isEmpty()) {
                    throw new NcclException(broken);
                }
                Member member = member(communicator);
                // Begun at the second look.
                return member.looks++ > 0
                        && member.communication.isComplete()
                        && (!member.finishing || member.communication.isFinished());
            }
        }

        @Override
        public void abort(long communicator) {
            synchronized (FakeNccl.this) {
                called("abort", communicator, 0);
                Member member = member(communicator);
                member.queue.clear();
                // The others wait for it in vain.
                member.finishing = false;
                member.ended = true;
            }
        }

        @Override
        public void finish(long communicator) {
            synchronized (FakeNccl.this) {
                called("finish", communicator, 0);
                member(communicator).looks = 0;
                member(communicator).finishing = true;
            }
        }

        @Override
        public void destroy(long communicator) {
            synchronized (FakeNccl.this) {
                called("destroy", communicator, 0);
                if (!member(communicator).communication.isFinished()) {
                    throw new IllegalStateException("communicator " + communicator + " has not finished");
                }
                member(communicator).ended = true;
            }
        }

        @Override
        public long openStream() {
            synchronized (FakeNccl.this) {
                long stream = ++handles;
                called("open stream", 0, stream);
                return stream;
            }
        }

        @Override
        public boolean idle(long stream) {
            synchronized (FakeNccl.this) {
                Member member = byStream.get(stream);
                return member == null || member.queue.isEmpty();
            }
        }

        @Override
        public void closeStream(long stream) {
            synchronized (FakeNccl.this) {
                called("close stream", 0, stream);
            }
        }

        @Override
        public void beginGroup() {
            grouped.set(new ArrayList<>());
            synchronized (FakeNccl.this) {
                called("begin group", 0, 0);
            }
        }

        @Override
        public void endGroup() {
            synchronized (FakeNccl.this) {
                called("end group", 0, 0);
                List<Step> steps = grouped.get();
                grouped.remove();
                if (!steps.isEmpty()) {
                    give(groupMember, steps);
                }
            }
        }

        /** Of the group that this thread has begun: all its calls have one communicator. */
        private Member groupMember;

        @Override
        public void allReduce(long vector, long count, DataType type, long communicator, long stream) {
            call(new Step("all-reduce", vector, vector, count, type, -1), communicator, stream);
        }

        @Override
        public void reduce(long from, long to, long count, DataType type, int root, long communicator, long stream) {
            call(new Step("reduce", from, to, count, type, root), communicator, stream);
        }

        @Override
        public void reduceScatter(long from, long to, long count, DataType type, long communicator, long stream) {
            call(new Step("reduce-scatter", from, to, count, type, -1), communicator, stream);
        }

        @Override
        public void allGather(long from, long to, long count, DataType type, long communicator, long stream) {
            call(new Step("all-gather", from, to, count, type, -1), communicator, stream);
        }

        @Override
        public void broadcast(long from, long to, long count, DataType type, int root, long communicator, long stream) {
            call(new Step("broadcast", from, to, count, type, root), communicator, stream);
        }

        @Override
        public void send(long from, long count, DataType type, int peer, long communicator, long stream) {
            call(new Step("send", from, 0, count, type, peer), communicator, stream);
        }

        @Override
        public void receive(long to, long count, DataType type, int peer, long communicator, long stream) {
            call(new Step("receive", 0, to, count, type, peer), communicator, stream);
        }

        private void call(Step step, long communicator, long stream) {
            synchronized (FakeNccl.this) {
                called(step.text(), communicator, stream);
                Member member = member(communicator);
                byStream.put(stream, member);
                if (grouped.get() != null) {
                    groupMember = member;
                    grouped.get().add(step);
                } else {
                    give(member, new ArrayList<>(List.of(step)));
                }
            }
        }

        private Member member(long communicator) {
            Member member = byHandle.get(communicator);
            if (member.ended) {
                throw new IllegalStateException("communicator " + communicator + " is no more");
            }
            return member;
        }

        private void called(String what, long communicator, long stream) {
            Call call = new Call(device, what, communicator, stream);
            calls.add(call);
            beforeCall.accept(call);
        }
    }

    private static void give(Member member, List<Step> steps) {
        if (member.looks < 2) {
            throw new IllegalStateException("the call before has not begun");
        }
        member.looks = 0;
        member.queue.add(steps);
        while (advance(member.communication)) {
            // Until no operation has all its ranks.
        }
    }

    /** Performs what can be: a step of all ranks, or a message between two. @return whether anything was done */
    private static boolean advance(Communication communication) {
        boolean any = false;
        for (Member member : communication.members) {
            List<Step> steps = member == null ? null : member.queue.peek();
            for (Step step : steps == null ? List.<Step>of() : List.copyOf(steps)) {
                any |= step.kind().equals("send")
                        ? message(communication, member, step)
                        : !step.kind().equals("receive") && collective(communication, step);
            }
        }
        for (Member member : communication.members) {
            if (member != null && !member.queue.isEmpty() && member.queue.peek().isEmpty()) {
                member.queue.remove();
                any = true;
            }
        }
        return any;
    }

    private static boolean message(Communication communication, Member sender, Step send) {
        Member receiver = communication.members[send.root()];
        List<Step> theirs = receiver == null ? null : receiver.queue.peek();
        if (theirs == null) {
            return false;
        }
        for (Step step : theirs) {
            if (step.kind().equals("receive") && step.root() == sender.rank) {
                requireAlike(send.count() == step.count() && send.type() == step.type(), send, step);
                Numbers.copy(send.from(), step.to(), send.count() * send.type().bytes());
                theirs.remove(step);
                sender.queue.peek().remove(send);
                return true;
            }
        }
        return false;
    }

    /** A step of which every rank's next is one: those of a group come one after another. */
    private static boolean collective(Communication communication, Step first) {
        List<Step> steps = new ArrayList<>();
        for (Member member : communication.members) {
            List<Step> theirs = member == null ? null : member.queue.peek();
            if (theirs == null || theirs.isEmpty()) {
                return false;
            }
            steps.add(theirs.get(0));
        }
        if (!steps.contains(first)) {
            return false;
        }
        for (Step step : steps) {
            requireAlike(step.text().equals(first.text()), first, step);
        }
        perform(first, steps);
        for (int rank = 0; rank < steps.size(); rank++) {
            communication.members[rank].queue.peek().remove(0);
        }
        return true;
    }

    private static void requireAlike(boolean alike, Step one, Step other) {
        if (!alike) {
            throw new IllegalStateException(one.text() + " meets " + other.text());
        }
    }

    private static void perform(Step kind, List<Step> steps) {
        long bytes = kind.count() * kind.type().bytes();
        switch (kind.kind()) {
            case "all-reduce" ->
                sum(kind, steps, Step::from, steps.stream().map(Step::to).toList());
            case "reduce" ->
                sum(kind, steps, Step::from, List.of(steps.get(kind.root()).to()));
            case "reduce-scatter" -> {
                // Sums first, because a rank's may go to where others still read.
                List<byte[]> sums = new ArrayList<>();
                for (int rank = 0; rank < steps.size(); rank++) {
                    long offset = rank * bytes;
                    sums.add(Numbers.sum(addresses(steps, step -> step.from() + offset), kind.count(), kind.type()));
                }
                for (int rank = 0; rank < steps.size(); rank++) {
                    Numbers.write(sums.get(rank), steps.get(rank).to());
                }
            }
            case "all-gather" -> {
                List<byte[]> slices = steps.stream()
                        .map(step -> Numbers.read(step.from(), bytes))
                        .toList();
                for (Step step : steps) {
                    for (int rank = 0; rank < steps.size(); rank++) {
                        Numbers.write(slices.get(rank), step.to() + rank * bytes);
                    }
                }
            }
            case "broadcast" -> {
                byte[] vector = Numbers.read(steps.get(kind.root()).from(), bytes);
                steps.forEach(step -> Numbers.write(vector, step.to()));
            }
            default -> throw new IllegalStateException(kind.kind());
        }
    }

    private static void sum(Step kind, List<Step> steps, ToLongFunction<Step> from, List<Long> to) {
        byte[] sum = Numbers.sum(addresses(steps, from::applyAsLong), kind.count(), kind.type());
        to.forEach(address -> Numbers.write(sum, address));
    }

    private static List<Long> addresses(List<Step> steps, Function<Step, Long> address) {
        return steps.stream().map(address).toList();
    }
}
