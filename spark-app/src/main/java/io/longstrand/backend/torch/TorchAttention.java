package io.longstrand.backend.torch;

import io.longstrand.backend.Lanes;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Tensor;
import java.util.function.Consumer;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Causal attention by libtorch's flash attention, forward and backward, reached through the dispatcher. The lanes take
 * one key head each with the query heads that read it, so every sum is formed on one lane.
 */
final class TorchAttention implements FusedAttention {
    private final FlashOperators operators;
    private final Views views;
    private final Lanes lanes;
    private final Scratch scratch;

    TorchAttention(Device device, Views views, Lanes lanes, Scratch scratch) {
        this.operators = device.isCuda() ? FlashOperators.CUDA : FlashOperators.CPU;
        this.views = views;
        this.lanes = lanes;
        this.scratch = scratch;
    }

    /** The part of a sequence that one key head takes part in. */
    private record Group(Sequence sequence, int keyHead, int heads) {
        long tokens() {
            return sequence.query().rows();
        }

        /** The columns of this group's query heads. */
        Tensor ofQueries(Tensor all) {
            long width = (long) heads * sequence.headSize();
            return all.columns(keyHead * width, (keyHead + 1) * width);
        }

        /** The columns of this key head. */
        Tensor ofKeys(Tensor all) {
            return all.columns((long) keyHead * sequence.headSize(), (keyHead + 1L) * sequence.headSize());
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
            IValueVector results = operators.backward(
                    saved, operators.readable(queries(group, gradients.out())), sequence.scale());
            queries(group, gradients.query()).assign(result(results, 0));
            oneHead(group, gradients.key()).assign(result(results, 1).sum(1));
            oneHead(group, gradients.value()).assign(result(results, 2).sum(1));
        });
    }

    private void forEachGroup(Sequence sequence, Consumer<Group> work) {
        long keyHeads = sequence.key().columns() / sequence.headSize();
        int heads = (int) (sequence.query().columns() / sequence.headSize() / keyHeads);
        lanes.parallel(
                keyHeads, (task, lane) -> scratch.run(() -> work.accept(new Group(sequence, (int) task, heads))));
    }

    private TorchArray result(IValueVector results, long index) {
        return new TorchArray(scratch.hold(Operator.result(results, index)), scratch);
    }

    /** (1, heads, tokens, headSize). */
    private TorchArray queries(Group group, Tensor all) {
        return heads(
                group, group.ofQueries(all), group.heads(), group.sequence().headSize());
    }

    /** (1, heads, tokens, headSize): the one key head, seen as many times as there are query heads. */
    private TorchArray keys(Group group, Tensor all) {
        return heads(group, group.ofKeys(all), group.heads(), 0);
    }

    /** (1, 1, tokens, headSize). */
    private TorchArray oneHead(Group group, Tensor all) {
        return heads(group, group.ofKeys(all), 1, 0);
    }

    private TorchArray heads(Group group, Tensor columns, long heads, long apart) {
        long size = group.sequence().headSize();
        return views.of(columns, new long[] {1, heads, group.tokens(), size}, 0, apart, columns.rowStride(), 1);
    }

    /** (1, heads, tokens). */
    private TorchArray statistics(Group group) {
        long first = (long) group.keyHead() * group.heads();
        Tensor rows = group.sequence().logSumExp().rows(first, first + group.heads());
        return views.of(rows, new long[] {1, rows.rows(), rows.columns()}, 0, rows.rowStride(), 1);
    }
}
