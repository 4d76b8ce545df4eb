package io.longstrand.zero;

import io.longstrand.model.Parameter;
import io.longstrand.model.Parameter.Initial;
import java.nio.FloatBuffer;

/**
 * Initial values of parameters by (seed, parameter name, logical element), so every layout starts from the same bits. The key
 * of an element is hashed with SplitMix64's finaliser (Steele et al. 2014); a pair of elements takes its two normal
 * deviates from two keys (Box and Muller 1958).
 */
public final class RandomInitialization {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long seed;

    /** @param seed of the run */
    public RandomInitialization(long seed) {
        this.seed = seed;
    }

    /**
     * Puts the initial values of elements {@code first}, {@code first + 1} … into {@code out} until it is full.
     *
     * @param first an element of those this rank holds of the parameter
     */
    public void fill(Parameter parameter, long first, FloatBuffer out) {
        if (parameter.initial() instanceof Initial.Constant constant) {
            while (out.hasRemaining()) {
                out.put(constant.value());
            }
            return;
        }
        double deviation = ((Initial.Normal) parameter.initial()).deviation();
        long stream = key(parameter.name());
        parameter.share().runs(first, first + out.remaining(), (held, logical, count) -> {
            fill(stream, deviation, logical, logical + count, out);
        });
    }

    /** Values of the logical elements {@code from} to {@code to}; deviates come in pairs that begin at even ones. */
    private static void fill(long stream, double deviation, long from, long to, FloatBuffer out) {
        for (long element = from - from % 2; element < to; element += 2) {
            // Uniform in (0, 1]: the logarithm of 0 never arises.
            double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform(mix(stream + (element + 1) * GOLDEN))));
            double angle = 2 * Math.PI * uniform(mix(stream + (element + 2) * GOLDEN));
            if (element >= from) {
                out.put((float) (deviation * radius * StrictMath.cos(angle)));
            }
            if (element + 1 < to) {
                out.put((float) (deviation * radius * StrictMath.sin(angle)));
            }
        }
    }

    private long key(String name) {
        long hash = mix(seed + GOLDEN);
        for (int i = 0; i < name.length(); i++) {
            hash = mix((hash ^ name.charAt(i)) + GOLDEN);
        }
        return hash;
    }

    /** The upper 53 bits as a number in [0, 1). */
    private static double uniform(long bits) {
        return (bits >>> 11) * 0x1.0p-53;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
