package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;

/**
 * Attention as it is written down, for comparison: every layer holds a mask, and for each head the scores and the
 * probabilities, as whole (length, length) matrices in FLOAT32 from the forward to the backward pass. With n sequences
 * of s tokens and a heads they take {@code 4 · n · (1 + 2a) · s²} bytes a layer, and the backward pass {@code 4 · s²}
 * more for the matrix at hand. Every product is over whole matrices, what the mask hides included.
 *
 * <p>The mask is added to the scores: 0 where a query sees a key, −10³⁰ where it does not. A query that sees no key at
 * all gets what {@link Attention} says, and not the mean of all values.
 */
final class NaiveAttention implements Attention {
    private static final String OWNER = "attention matrices";
    private static final float HIDDEN = -1e30f;

    private final Kernels kernels;
    private final Arena device;
    private final AttentionShape shape;
    private final AttentionMask sizes;

    /** @param sizes of batches: sequences, their length and one tile over it */
    NaiveAttention(Kernels kernels, Arena device, AttentionShape shape, AttentionMask sizes) {
        this.kernels = kernels;
        this.device = device;
        this.shape = shape;
        this.sizes = sizes;
    }

    @Override
    public AttentionShape shape() {
        return shape;
    }

    @Override
    public Attention ofLayer(int layer) {
        return new Matrices();
    }

    @Override
    public void forward(Tensors tensors, AttentionMask mask) {
        throw new IllegalStateException("a layer attends through its own matrices");
    }

    @Override
    public void backward(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask) {
        throw new IllegalStateException("a layer attends through its own matrices");
    }

    /**
     * Scratch of the backward pass.
     *
     * @param gradient of a head's probabilities, then of its scores, (length, length)
     * @param keyGradient of a key head, (length, headSize)
     * @param valueGradient of a key head, (length, headSize)
     */
    private record Room(Tensor gradient, Tensor keyGradient, Tensor valueGradient) {}

    /** Attention of one layer, with its matrices. */
    private final class Matrices implements Attention {
        private final int length = sizes.length();
        private final Tensor masks = matrices(1); // (sequences · length, length)
        private final Tensor scores = matrices(shape.heads()); // (sequences · heads · length, length)
        private final Tensor probabilities = matrices(shape.heads());

        private Tensor matrices(int ofSequence) {
            long rows = (long) sizes.sequences() * ofSequence * length;
            return device.allocate(OWNER, DataType.FLOAT32, rows, length);
        }

        @Override
        public AttentionShape shape() {
            return shape;
        }

        @Override
        public void forward(Tensors tensors, AttentionMask mask) {
            Arena.Mark before = device.mark();
            Tensor none = device.allocate(OWNER, DataType.FLOAT32, length, 1); // an accumulator nothing is added to
            Tensor maximum = device.allocate(OWNER, DataType.FLOAT32, 1, length);
            Tensor sum = device.allocate(OWNER, DataType.FLOAT32, 1, length);
            for (int sequence = 0; sequence < sizes.sequences(); sequence++) {
                write(masks, sequence, mask, none, maximum, sum);
                for (int head = 0; head < shape.heads(); head++) {
                    Tensor score = matrix(scores, sequence * shape.heads() + head);
                    Tensor probability = matrix(probabilities, sequence * shape.heads() + head);
                    kernels.matmul(MatrixProduct.withRightTransposed(
                            view(tensors.query(), sequence, head),
                            view(tensors.key(), sequence, keyHead(head)),
                            score));
                    kernels.add(score, matrix(masks, sequence), score);
                    begin(maximum, sum);
                    TileMask visible = visible(mask, sequence);
                    kernels.softmaxTile(score, visible, shape.scale(), maximum, sum, none, probability);
                    Tensor logSumExp = statistics(tensors.logSumExp(), sequence, head);
                    kernels.softmaxFinish(probability, maximum, sum, probability, logSumExp);
                    kernels.matmul(MatrixProduct.of(
                            probability,
                            view(tensors.value(), sequence, keyHead(head)),
                            view(tensors.out(), sequence, head)));
                }
            }
            device.release(before);
        }

        @Override
        public void backward(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask) {
            Arena.Mark before = device.mark();
            Room room = new Room(
                    device.allocate(OWNER, DataType.FLOAT32, length, length),
                    device.allocate(OWNER, DataType.FLOAT32, length, shape.headSize()),
                    device.allocate(OWNER, DataType.FLOAT32, length, shape.headSize()));
            for (int sequence = 0; sequence < sizes.sequences(); sequence++) {
                for (int keyHead = 0; keyHead < shape.keyValueHeads(); keyHead++) {
                    kernels.fill(room.keyGradient(), 0);
                    kernels.fill(room.valueGradient(), 0);
                    for (int member = 0; member < shape.group(); member++) {
                        int head = keyHead * shape.group() + member;
                        backward(tensors, delta, gradients, mask, sequence, head, room);
                    }
                    // Nobody reads this head's keys and values any more.
                    kernels.copy(room.keyGradient(), view(gradients.key(), sequence, keyHead));
                    kernels.copy(room.valueGradient(), view(gradients.value(), sequence, keyHead));
                }
            }
            device.release(before);
        }

        /** The mask of a whole sequence. */
        private TileMask visible(AttentionMask mask, int sequence) {
            if (!kernels.compute()) {
                return new TileMask.Full();
            }
            ScoreTile whole = new ScoreTile(new Queries(sequence, 0, 0, 0, length), 0, length, TileCoverage.PARTIAL);
            TileMasks masks = mask.block(0).masks(0);
            masks.expect(whole);
            return masks.mask(whole);
        }

        /** One head's part; its queries' gradient takes the place of its queries when nobody reads them any more. */
        private void backward(
                Tensors tensors,
                Tensor delta,
                TensorGradients gradients,
                AttentionMask mask,
                int sequence,
                int head,
                Room room) {
            Tensor gradient = room.gradient();
            Tensor score = matrix(scores, sequence * shape.heads() + head);
            Tensor probability = matrix(probabilities, sequence * shape.heads() + head);
            Tensor outGradient = view(gradients.out(), sequence, head); // (length, headSize)
            Tensor query = view(tensors.query(), sequence, head);
            Tensor key = view(tensors.key(), sequence, keyHead(head));
            Tensor value = view(tensors.value(), sequence, keyHead(head));
            kernels.matmul(MatrixProduct.withLeftTransposed(probability, outGradient, room.valueGradient())
                    .accumulating());
            kernels.matmul(MatrixProduct.withRightTransposed(outGradient, value, gradient));
            kernels.softmaxTileBackward(
                    score,
                    gradient,
                    visible(mask, sequence),
                    shape.scale(),
                    statistics(tensors.logSumExp(), sequence, head),
                    statistics(delta, sequence, head),
                    probability,
                    gradient);
            kernels.matmul(MatrixProduct.withLeftTransposed(gradient, query, room.keyGradient())
                    .accumulating());
            kernels.matmul(MatrixProduct.of(gradient, key, view(gradients.query(), sequence, head)));
        }

        /** Writes the mask of a sequence: {@code (visible − 1) · 10³⁰}, by way of the softmax of equal scores. */
        private void write(Tensor all, int sequence, AttentionMask mask, Tensor none, Tensor maximum, Tensor sum) {
            Tensor matrix = matrix(all, sequence);
            kernels.fill(matrix, 0);
            begin(maximum, sum);
            kernels.softmaxTile(matrix, visible(mask, sequence), 1, maximum, sum, none, matrix); // 1 where visible
            // An exponential of 0 may be wrong by a rounding error: the nearest bfloat16 is 1.
            Arena.Mark before = device.mark();
            Tensor rounded = device.allocate(OWNER, DataType.BFLOAT16, length, length);
            kernels.copy(matrix, rounded);
            kernels.copy(rounded, matrix);
            device.release(before);
            Tensor ones = matrix(probabilities, sequence * shape.heads());
            kernels.fill(ones, -1);
            kernels.add(matrix, ones, matrix);
            kernels.fill(maximum, 0);
            kernels.fill(sum, -1 / HIDDEN);
            kernels.softmaxFinish(matrix, maximum, sum, matrix, maximum);
        }

        private void begin(Tensor maximum, Tensor sum) {
            kernels.fill(maximum, Float.NEGATIVE_INFINITY);
            kernels.fill(sum, 0);
        }

        private Tensor matrix(Tensor all, int number) {
            return all.rows((long) number * length, (number + 1L) * length);
        }

        private int keyHead(int head) {
            return head / shape.group();
        }

        /** The columns of a head in the rows of a sequence: (length, headSize). */
        private Tensor view(Tensor all, int sequence, int head) {
            long column = (long) head * shape.headSize();
            return all.rows((long) sequence * length, (sequence + 1L) * length)
                    .columns(column, column + shape.headSize());
        }

        /** A head's part of a (heads, tokens) tensor: (1, length). */
        private Tensor statistics(Tensor all, int sequence, int head) {
            return all.rows(head, head + 1L).columns((long) sequence * length, (sequence + 1L) * length);
        }
    }
}
