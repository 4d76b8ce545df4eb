package io.longstrand.parallel;

import io.longstrand.attention.Attention;
import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.Masking;
import io.longstrand.attention.OutputDots;
import io.longstrand.attention.Projections;
import io.longstrand.comm.World;
import io.longstrand.mesh.Mesh;
import io.longstrand.mesh.Positions;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Random;

/** One rank of a layer of attention, forward and backward, over random rows that all ranks draw alike. */
final class AttentionRank implements AutoCloseable {
    private static final long BUDGET = 64L << 20;

    private final AttentionShape shape;
    private final DataType type;
    private final int sequences;
    private final int length;
    private final Positions part;
    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final AttentionMask mask;
    private final Attention attention;

    /** @param documentStarts [sequences][at most length]; a shorter one is padded */
    AttentionRank(
            String backendName,
            World world,
            Mesh mesh,
            AttentionShape shape,
            Masking masking,
            DataType type,
            int length,
            int[]... documentStarts) {
        this.shape = shape;
        this.type = type;
        this.length = length;
        sequences = documentStarts.length;
        Placement placement = new Placement(world, mesh);
        part = placement.part(length);
        backend = new Backends().open(backendName, new BackendProvider.Options(1));
        device = new Arena(backend, Place.DEVICE, BUDGET);
        host = new Arena(backend, Place.HOST, BUDGET);
        mask = placement.mask(masking, AttentionForm.FLASH, backend, device, host, sequences, length);
        attention = placement.attention(AttentionForm.FLASH, backend, device, host, shape, mask, type);
        for (int sequence = 0; sequence < sequences; sequence++) {
            mask.put(sequence, documentStarts[sequence]);
        }
        mask.send();
    }

    /** Output and gradients of this rank's tokens, written to their places among all: [sequences · length][columns]. */
    void run(double[][] out, double[][] gradient) {
        int width = shape.projectedColumns();
        int hidden = shape.heads() * shape.headSize();
        long rows = (long) sequences * part.count();
        Tensor room = device.allocate("test", type, rows, attention.roomColumns());
        Tensor result = device.allocate("test", type, rows, hidden);
        Tensor logSumExp = device.allocate("test", DataType.FLOAT32, shape.heads(), rows);
        write(1, new Projections(shape, room).whole());
        attention.distribute(room, sequences);
        Attention.Tensors tensors = tensors(room, result, logSumExp);
        attention.forward(tensors, mask);
        read(result, out);
        Tensor outGradient = device.allocate("test", type, rows, hidden);
        write(2, outGradient);
        Projections gradients = attention.operands(room);
        Tensor delta = device.allocate("test", DataType.FLOAT32, shape.heads(), rows);
        new OutputDots(backend.kernels(), shape).run(result, outGradient, delta);
        attention.backward(
                tensors,
                delta,
                new Attention.TensorGradients(outGradient, gradients.query(), gradients.key(), gradients.value()),
                mask);
        attention.collect(room, sequences);
        read(room.columns(0, width), gradient);
    }

    private Attention.Tensors tensors(Tensor room, Tensor out, Tensor logSumExp) {
        Projections operands = attention.operands(room);
        return new Attention.Tensors(operands.query(), operands.key(), operands.value(), out, logSumExp);
    }

    long pairs() {
        return mask.pairs();
    }

    private void write(int seed, Tensor to) {
        Random random = new Random(seed);
        float[][] all = new float[sequences * length][(int) to.columns()];
        for (float[] row : all) {
            for (int column = 0; column < row.length; column++) {
                row[column] = (float) random.nextGaussian();
            }
        }
        Tensor values = host.allocate("test", DataType.FLOAT32, to.rows(), to.columns());
        FloatBuffer buffer = values.hostBytes().asFloatBuffer();
        for (int row = 0; row < to.rows(); row++) {
            int position = part.at(row % part.count());
            buffer.put(position < length ? all[row / part.count() * length + position] : new float[(int) to.columns()]);
        }
        backend.kernels().copy(values, to);
        backend.synchronize();
    }

    private void read(Tensor tensor, double[][] all) {
        Tensor values = host.allocate("test", DataType.FLOAT32, tensor.rows(), tensor.columns());
        backend.kernels().copy(tensor, values);
        backend.synchronize();
        FloatBuffer buffer = values.hostBytes().asFloatBuffer();
        for (int row = 0; row < tensor.rows(); row++) {
            int position = part.at(row % part.count());
            double[] to = position < length
                    ? all[row / part.count() * length + position]
                    : new double[(int) tensor.columns()];
            for (int column = 0; column < tensor.columns(); column++) {
                to[column] = buffer.get();
            }
        }
    }

    @Override
    public void close() {
        host.close();
        device.close();
        backend.close();
    }
}
