package io.longstrand.model;

import io.longstrand.mesh.Positions;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;

/**
 * Cosines and sines of the rotary angles (Su et al. 2021): position p, pair i of a head of size d turns by {@code p ·
 * base^(−2i/d)}. Computed once, in float64, for the positions a rank sees and no other.
 */
final class RotaryTable {
    private static final String OWNER = "rotary table";
    private static final int ROWS_AT_A_TIME = 4096;

    private final Kernels kernels;
    private final int headSize;
    private final Positions positions;
    private final Tensor cosines; // FLOAT32 (positions, headSize / 2)
    private final Tensor sines; // FLOAT32 (positions, headSize / 2)

    RotaryTable(Backend backend, Arena device, Arena host, Positions positions, int headSize, double base) {
        this.kernels = backend.kernels();
        this.headSize = headSize;
        this.positions = positions;
        int rows = positions.count();
        int pairs = headSize / 2;
        cosines = device.allocate(OWNER, DataType.FLOAT32, rows, pairs);
        sines = device.allocate(OWNER, DataType.FLOAT32, rows, pairs);
        Arena.Mark mark = host.mark();
        Tensor hostCosines = host.allocate(OWNER, DataType.FLOAT32, Math.min(ROWS_AT_A_TIME, rows), pairs);
        Tensor hostSines = host.allocate(OWNER, DataType.FLOAT32, Math.min(ROWS_AT_A_TIME, rows), pairs);
        for (int first = 0; first < rows; first += ROWS_AT_A_TIME) {
            int end = Math.min(rows, first + ROWS_AT_A_TIME);
            if (kernels.compute()) {
                fill(hostCosines, hostSines, first, end - first, base);
            }
            kernels.copy(hostCosines.rows(0, end - first), cosines.rows(first, end));
            kernels.copy(hostSines.rows(0, end - first), sines.rows(first, end));
            backend.synchronize();
        }
        host.release(mark);
    }

    private void fill(Tensor hostCosines, Tensor hostSines, int first, int rows, double base) {
        FloatBuffer cosineBuffer = hostCosines.hostBytes().asFloatBuffer();
        FloatBuffer sineBuffer = hostSines.hostBytes().asFloatBuffer();
        for (int row = first; row < first + rows; row++) {
            int position = positions.at(row);
            for (int pair = 0; pair < headSize / 2; pair++) {
                double angle = position * Math.pow(base, -2.0 * pair / headSize);
                cosineBuffer.put((float) Math.cos(angle));
                sineBuffer.put((float) Math.sin(angle));
            }
        }
    }

    /** Turns queries and keys in place. @param queryKey (tokens, heads · headSize) @param rows of the table, INT32 (1, tokens) */
    void forward(Tensor queryKey, Tensor rows) {
        kernels.rotary(queryKey, headSize, rows, cosines, sines, false);
    }

    /** Turns their gradients back in place. */
    void backward(Tensor queryKeyGradient, Tensor rows) {
        kernels.rotary(queryKeyGradient, headSize, rows, cosines, sines, true);
    }
}
