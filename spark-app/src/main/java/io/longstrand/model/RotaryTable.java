package io.longstrand.model;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;

/**
 * Cosines and sines of the rotary angles (Su et al. 2021): position p, pair i of a head of size d turns by {@code p ·
 * base^(−2i/d)}. Computed once, in float64.
 */
final class RotaryTable {
    private static final String OWNER = "rotary table";
    private static final long ROWS_AT_A_TIME = 4096;

    private final Kernels kernels;
    private final int headSize;
    private final Tensor cosines; // FLOAT32 (positions, headSize / 2)
    private final Tensor sines; // FLOAT32 (positions, headSize / 2)

    RotaryTable(Backend backend, Arena device, Arena host, long positions, int headSize, double base) {
        this.kernels = backend.kernels();
        this.headSize = headSize;
        int pairs = headSize / 2;
        cosines = device.allocate(OWNER, DataType.FLOAT32, positions, pairs);
        sines = device.allocate(OWNER, DataType.FLOAT32, positions, pairs);
        Arena.Mark mark = host.mark();
        Tensor hostCosines = host.allocate(OWNER, DataType.FLOAT32, Math.min(ROWS_AT_A_TIME, positions), pairs);
        Tensor hostSines = host.allocate(OWNER, DataType.FLOAT32, Math.min(ROWS_AT_A_TIME, positions), pairs);
        for (long first = 0; first < positions; first += ROWS_AT_A_TIME) {
            long end = Math.min(positions, first + ROWS_AT_A_TIME);
            if (kernels.compute()) {
                fill(hostCosines, hostSines, first, end - first, base);
            }
            kernels.copy(hostCosines.rows(0, end - first), cosines.rows(first, end));
            kernels.copy(hostSines.rows(0, end - first), sines.rows(first, end));
            backend.synchronize();
        }
        host.release(mark);
    }

    private void fill(Tensor hostCosines, Tensor hostSines, long first, long rows, double base) {
        FloatBuffer cosineBuffer = hostCosines.hostBytes().asFloatBuffer();
        FloatBuffer sineBuffer = hostSines.hostBytes().asFloatBuffer();
        for (long position = first; position < first + rows; position++) {
            for (int pair = 0; pair < headSize / 2; pair++) {
                double angle = position * Math.pow(base, -2.0 * pair / headSize);
                cosineBuffer.put((float) Math.cos(angle));
                sineBuffer.put((float) Math.sin(angle));
            }
        }
    }

    /** Turns queries and keys in place. @param queryKey (tokens, heads · headSize) @param positions INT32 (1, tokens) */
    void forward(Tensor queryKey, Tensor positions) {
        kernels.rotary(queryKey, headSize, positions, cosines, sines, false);
    }

    /** Turns their gradients back in place. */
    void backward(Tensor queryKeyGradient, Tensor positions) {
        kernels.rotary(queryKeyGradient, headSize, positions, cosines, sines, true);
    }
}
