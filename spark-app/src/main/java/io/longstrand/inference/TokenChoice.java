package io.longstrand.inference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Draws a token from logits with a temperature, from the k likeliest (Fan et al. 2018). The random number is a function
 * of seed and position alone, so a text can be made again from any position on.
 */
final class TokenChoice {
    private final long seed;
    private final double temperature;
    private final int top;

    /**
     * @param temperature what logits are divided by; 0 takes the likeliest token
     * @param top how many of the likeliest tokens are drawn from; 0: all
     */
    TokenChoice(long seed, double temperature, int top) {
        this.seed = seed;
        this.temperature = temperature;
        this.top = top;
    }

    /**
     * The token of a position.
     *
     * @param allowed which tokens may be drawn; at least one
     */
    int choose(long position, float[] logits, boolean[] allowed) {
        // Equal logits are ordered by token, so the choice does not depend on the sort.
        int[] order = IntStream.range(0, logits.length)
                .filter(token -> allowed[token])
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(token -> -logits[token])
                        .thenComparingInt(token -> token))
                .mapToInt(Integer::intValue)
                .toArray();
        if (temperature == 0) {
            return order[0];
        }
        int count = top > 0 ? Math.min(top, order.length) : order.length;
        double[] weights = new double[count];
        for (int i = 0; i < count; i++) {
            weights[i] = StrictMath.exp((logits[order[i]] - logits[order[0]]) / temperature);
        }
        double left = uniform(position) * Arrays.stream(weights).sum();
        for (int i = 0; i < count - 1; i++) {
            left -= weights[i];
            if (left < 0) {
                return order[i];
            }
        }
        return order[count - 1];
    }

    /** In [0, 1), by the finaliser of SplitMix64 (Steele et al. 2014). */
    private double uniform(long position) {
        long hash = mix(mix(seed + 0x9E3779B97F4A7C15L) + (position + 1) * 0x9E3779B97F4A7C15L);
        return (hash >>> 11) * 0x1.0p-53;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
