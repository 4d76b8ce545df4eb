package io.longstrand.comm;

import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;

/**
 * Ranks that are threads of one process and whose groups take tensors on the device of a backend that computes on this
 * machine's processor: what they compute is what {@link InMemory} computes from the host.
 */
public final class DeviceWorlds {
    private DeviceWorlds() {}

    /** As {@link InMemory#worlds}. */
    public static List<World> worlds(int ranks, Duration operationTimeout) {
        Meetings meetings = new Meetings(ranks);
        DeviceGroups devices = (group, control, transport, timeout, meter) -> {
            Group beside = Group.of("device " + group.name(), group.members());
            return new OnDevice(new GroupCommunicator(transport, beside, timeout, meter));
        };
        return IntStream.range(0, ranks)
                .mapToObj(rank -> new World(new InMemoryTransport(meetings, rank), operationTimeout, devices))
                .toList();
    }

    /** The same with other groups. @param devices opens those of a rank */
    public static List<World> worlds(int ranks, Duration operationTimeout, IntFunction<DeviceGroups> devices) {
        Meetings meetings = new Meetings(ranks);
        return IntStream.range(0, ranks)
                .mapToObj(
                        rank -> new World(new InMemoryTransport(meetings, rank), operationTimeout, devices.apply(rank)))
                .toList();
    }

    private record OnDevice(Membership ranks) implements Membership {
        @Override
        public int rank() {
            return ranks.rank();
        }

        @Override
        public int size() {
            return ranks.size();
        }

        @Override
        public Place place() {
            return Place.DEVICE;
        }

        @Override
        public Pending startAllReduce(Tensor tensor) {
            return ranks.startAllReduce(seen(tensor));
        }

        @Override
        public Pending startReduceScatter(Tensor input, Tensor slice) {
            return ranks.startReduceScatter(seen(input), seen(slice));
        }

        @Override
        public Pending startAllGather(Tensor slice, Tensor output) {
            return ranks.startAllGather(seen(slice), seen(output));
        }

        @Override
        public Pending startAllToAll(List<Tensor> outgoing, List<Tensor> incoming) {
            return ranks.startAllToAll(
                    outgoing.stream().map(OnDevice::seen).toList(),
                    incoming.stream().map(OnDevice::seen).toList());
        }

        @Override
        public Pending startBroadcast(int root, Tensor tensor) {
            return ranks.startBroadcast(root, seen(tensor));
        }

        @Override
        public Pending startSend(int to, Tensor tensor) {
            return ranks.startSend(to, seen(tensor));
        }

        @Override
        public Pending startReceive(int from, Tensor tensor) {
            return ranks.startReceive(from, seen(tensor));
        }

        @Override
        public void close() {
            ranks.close();
        }

        private static Tensor seen(Tensor tensor) {
            if (tensor.place() != Place.DEVICE) {
                throw new IllegalArgumentException(tensor + " is not on the device");
            }
            return new Tensor(
                    new Seen(tensor.memory()),
                    tensor.offset(),
                    tensor.type(),
                    tensor.rows(),
                    tensor.columns(),
                    tensor.rowStride());
        }
    }

    /** Device memory, which is ordinary memory here, through windows. */
    private record Seen(Memory device) implements Memory {
        @Override
        public long address() {
            return device.address();
        }

        @Override
        public long bytes() {
            return device.bytes();
        }

        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public ByteBuffer bytes(long offset, int length) {
            ByteBuffer window = length == 0
                    ? ByteBuffer.allocateDirect(0)
                    : new Window(address() + offset).capacity(length).asByteBuffer();
            return window.order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void close() {
            throw new IllegalStateException("it belongs to the backend");
        }
    }

    private static final class Window extends BytePointer {
        Window(long address) {
            this.address = address;
        }
    }
}
