package io.longstrand.metrics;

/**
 * One optimiser step is done.
 *
 * @param time milliseconds since 1970
 * @param step steps done, this one included
 * @param tokens tokens trained on since the run began
 * @param loss mean negative log likelihood of the step's valid tokens, nats per token
 * @param bitsPerBase the same in bits per base
 * @param learningRate the step's learning rate
 * @param gradientNorm global norm of the gradients before clipping
 * @param tokensPerSecond tokens of the step over its seconds, all ranks together
 * @param modelFlops model FLOP/s, all ranks together
 * @param hardwareFlops hardware FLOP/s, all ranks together
 * @param mfu model FLOP/s over the measured peak; 0 where no peak was measured
 * @param hfu hardware FLOP/s over the measured peak
 * @param deviceBytes device bytes in use, of the rank that uses most
 * @param devicePeak most device bytes in use so far
 * @param hostBytes host bytes in use, of the rank that uses most
 * @param hostPeak most host bytes in use so far
 * @param residentSet resident bytes of the process; 0 where the system does not say
 * @param seconds duration of the step
 * @param mask what the step's attention masks took; null in events of versions that did not say
 */
public record StepCompleted(
        long time,
        long step,
        long tokens,
        double loss,
        double bitsPerBase,
        double learningRate,
        double gradientNorm,
        double tokensPerSecond,
        double modelFlops,
        double hardwareFlops,
        double mfu,
        double hfu,
        long deviceBytes,
        long devicePeak,
        long hostBytes,
        long hostPeak,
        long residentSet,
        double seconds,
        MaskUse mask)
        implements RunEvent {}
