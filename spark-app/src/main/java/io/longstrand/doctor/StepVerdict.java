package io.longstrand.doctor;

import java.io.Serializable;
import java.util.Optional;

/**
 * One training step on the device beside the same on the CPU.
 *
 * @param precision {@code fp32} or {@code bf16}
 * @param loss on the device, nats a token
 * @param lossDeviation |loss − CPU's| / CPU's
 * @param gradientDeviation ‖gradient − CPU's‖ / ‖CPU's‖ of the parameter where it is worst
 * @param worstParameter its name
 * @param lossTolerance what the loss may deviate
 * @param gradientTolerance what a gradient may deviate
 * @param seconds of one more step on the device: forward, backward, update
 */
public record StepVerdict(
        String precision,
        double loss,
        double lossDeviation,
        double gradientDeviation,
        String worstParameter,
        double lossTolerance,
        double gradientTolerance,
        double seconds)
        implements Serializable {
    /** What is wrong with it; a number that is none is. */
    public Optional<String> fault() {
        if (!(lossDeviation <= lossTolerance)) {
            return Optional.of("training step in " + precision + ": loss " + loss + " deviates from the CPU's by "
                    + lossDeviation + ", allowed are " + lossTolerance);
        }
        return gradientDeviation <= gradientTolerance
                ? Optional.empty()
                : Optional.of("training step in " + precision + ": gradient of " + worstParameter
                        + " deviates from the CPU's by " + gradientDeviation + ", allowed are " + gradientTolerance);
    }
}
