package io.longstrand.metrics;

/**
 * Training begins, or goes on after a resume.
 *
 * @param time milliseconds since 1970
 * @param step steps done before; 0 unless resumed
 * @param run the run directory
 * @param steps steps of the whole run
 * @param parameters trained parameters of the model
 * @param world ranks
 * @param machine what it computes on
 * @param devicePlanned bytes of device memory planned before the first step, per rank
 * @param hostPlanned bytes of host memory planned before the first step, per rank
 * @param residentSet resident bytes of the process before planned memory was taken; 0 where the system does not say
 */
public record RunStarted(
        long time,
        long step,
        String run,
        long steps,
        long parameters,
        int world,
        Machine machine,
        long devicePlanned,
        long hostPlanned,
        long residentSet)
        implements RunEvent {}
