package io.longstrand.zero;

import io.longstrand.model.Gradients;
import io.longstrand.model.Parameter;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/**
 * All gradients of a model in one flat device tensor, ZeRO stages 0 and 1. Ranks exchange them once a step: each unit as
 * soon as the last backward pass adds nothing more to it, while that pass goes on.
 */
final class WholeGradients implements GradientStore {
    private final Kernels kernels;
    private final CopyStream copies;
    private final StateExchange exchange;
    private final Partition partition;
    private final boolean ownOnly;
    private final Tensor flat;
    private final StateVector whole;
    private CopyStream.Event reduced;

    /**
     * Takes room for them, {@code 4Ψ} bytes.
     *
     * @param ownOnly whether this rank needs the sums of its own slices alone
     */
    WholeGradients(
            Kernels kernels,
            Arena device,
            CopyStream copies,
            StateExchange exchange,
            Partition partition,
            boolean ownOnly) {
        this.kernels = kernels;
        this.copies = copies;
        this.exchange = exchange;
        this.partition = partition;
        this.ownOnly = ownOnly;
        flat = device.allocate(OWNER, DataType.FLOAT32, 1, partition.elements());
        whole = StateVector.whole(partition, flat);
        reduced = copies.computed();
    }

    @Override
    public void clear() {
        kernels.fill(flat, 0);
    }

    @Override
    public Gradients pass(boolean last) {
        return new Gradients() {
            @Override
            public Tensor of(Parameter parameter) {
                return flat.columns(parameter.offset(), parameter.offset() + parameter.elements())
                        .reshape(parameter.rows(), parameter.columns());
            }

            @Override
            public void ready(int unit) {
                if (last) {
                    partition.of(unit).forEach(WholeGradients.this::reduce);
                }
            }
        };
    }

    private void reduce(Bucket bucket) {
        if (bucket.alone()) {
            return; // What others are still told of the buckets before it is what the end of a step waits for.
        }
        Tensor values = whole.of(bucket);
        reduced = ownOnly
                ? exchange.reduceScatter(bucket, values, sums().of(bucket))
                : exchange.allReduce(bucket, values);
    }

    @Override
    public void settle() {
        copies.await(reduced);
    }

    @Override
    public StateVector sums() {
        return ownOnly ? whole.own() : whole;
    }
}
