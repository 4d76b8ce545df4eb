package io.longstrand.backend.torch;

import io.longstrand.backend.Lanes;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Tensor;
import java.util.function.Consumer;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Causal attention by libtorch's flash attention, forward and backward, reached through the dispatcher. On the CPU the
 * lanes take one key head each with the query heads that read it, so every sum is formed on one lane; a GPU takes all
 * heads at once, since a few do not fill it.
 */
final class TorchAttention implements FusedAttention {
    private final FlashOperators operators;
    private final Views views;
    private final Lanes lanes;
    private final Scratch scratch;

    TorchAttention(Device device, Views views, Lanes lanes, Scratch scratch) {
        operators = device.isCuda() ? FlashOperators.CUDA : FlashOperators.CPU;
        this.views = views;
        this.lanes = lanes;
        this.scratch = scratch;
    }

    /**
     * The part of a sequence that some key heads take part in.
     *
     * @param queriesPerKey query heads that read each of them
     */
    private record Group(Sequence sequence, int firstKeyHead, int keyHeads, int queriesPerKey) {
        long tokens() {
            return sequence.query().rows();
        }

        int queryHeads() {
            return keyHeads * queriesPerKey;
        }

        /** The columns of this group's query heads. */
        Tensor ofQueries(Tensor all) {
            return columns(all, (long) firstKeyHead * queriesPerKey, queryHeads());
        }

        /** The columns of this group's key heads. */
        Tensor ofKeys(Tensor all) {
            return columns(all, firstKeyHead, keyHeads);
        }

        private Tensor columns(Tensor all, long first, int heads) {
            return all.columns(first * sequence.headSize(), (first + heads) * sequence.headSize());
        }
    }

    @Override
    public boolean supports(DataType type, int headSize) {
        return operators.supports(type, headSize);
    }

    @Override
    public void forward(Sequence sequence) {
        Views.requireDevice(sequence.query(), sequence.key(), sequence.value(), sequence.out(), sequence.logSumExp());
        forEachGroup(sequence, group -> {
            IValueVector results = operators.forward(
                    operators.readable(queries(group, sequence.query())),
                    operators.readable(keys(group, sequence.key())),
                    operators.readable(keys(group, sequence.value())),
                    sequence.scale());
            queries(group, sequence.out()).assign(result(results, 0));
            statistics(group).assign(result(results, 1));
        });
    }

    @Override
    public void backward(Sequence sequence, Gradients gradients) {
        Views.requireDevice(sequence.query(), sequence.key(), sequence.value(), sequence.out(), sequence.logSumExp());
        Views.requireDevice(gradients.out(), gradients.query(), gradients.key(), gradients.value());
        forEachGroup(sequence, group -> {
            FlashOperators.Saved saved = new FlashOperators.Saved(
                    operators.readable(queries(group, sequence.query())),
                    operators.readable(keys(group, sequence.key())),
                    operators.readable(keys(group, sequence.value())),
                    operators.readable(queries(group, sequence.out())),
                    statistics(group).packed(),
                    views.scratch(1).fill(0).as(ScalarType.Long));
            IValueVector results =
                    operators.backward(saved, operators.readable(queries(group, gradients.out())), sequence.scale());
            queries(group, gradients.query()).assign(result(results, 0));
            ofKeys(group, gradients.key()).assign(perKeyHead(group, result(results, 1)));
            ofKeys(group, gradients.value()).assign(perKeyHead(group, result(results, 2)));
        });
    }

    private void forEachGroup(Sequence sequence, Consumer<Group> work) {
        int keyHeads = Math.toIntExact(sequence.key().columns() / sequence.headSize());
        int queriesPerKey = Math.toIntExact(sequence.query().columns() / sequence.headSize() / keyHeads);
        int keyHeadsEach = operators.takesAllHeads() ? keyHeads : 1;
        lanes.parallel(
                keyHeads / keyHeadsEach,
                (task, lane) -> scratch.run(() ->
                        work.accept(new Group(sequence, (int) task * keyHeadsEach, keyHeadsEach, queriesPerKey))));
    }

    private TorchArray result(IValueVector results, long index) {
        return new TorchArray(scratch.hold(Operator.result(results, index)), scratch);
    }

    /** (1, query heads, tokens, headSize). */
    private TorchArray queries(Group group, Tensor all) {
        return heads(
                group,
                group.ofQueries(all),
                group.queryHeads(),
                group.sequence().headSize());
    }

    /** (1, key heads, tokens, headSize), or (1, query heads, …), the one key head seen as often as it is read. */
    private TorchArray keys(Group group, Tensor all) {
        return operators.takesAllHeads()
                ? ofKeys(group, all)
                : heads(group, group.ofKeys(all), group.queriesPerKey(), 0);
    }

    /** (1, key heads, tokens, headSize). */
    private TorchArray ofKeys(Group group, Tensor all) {
        return heads(
                group, group.ofKeys(all), group.keyHeads(), group.sequence().headSize());
    }

    /** Gradients by key head of those that {@link #keys} gave. */
    private TorchArray perKeyHead(Group group, TorchArray gradient) {
        return operators.takesAllHeads() ? gradient : gradient.sum(1);
    }

    private TorchArray heads(Group group, Tensor columns, long heads, long apart) {
        long size = group.sequence().headSize();
        return views.of(columns, new long[] {1, heads, group.tokens(), size}, 0, apart, columns.rowStride(), 1);
    }

    /** (1, query heads, tokens). */
    private TorchArray statistics(Group group) {
        long first = (long) group.firstKeyHead() * group.queriesPerKey();
        Tensor rows = group.sequence().logSumExp().rows(first, first + group.queryHeads());
        return views.of(rows, new long[] {1, rows.rows(), rows.columns()}, 0, rows.rowStride(), 1);
    }
}
