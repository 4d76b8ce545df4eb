package io.longstrand.config;

import java.time.Duration;

/**
 * What a run reports on its way.
 *
 * @param progressEvery time between two progress lines where standard error is not a terminal
 * @param tensorboard whether TensorBoard events are written
 */
public record MetricsSection(
        @Key(
                doc = "Time between two progress lines where standard error is not a terminal.",
                value = "10 seconds",
                check = Check.POSITIVE)
        Duration progressEvery,

        @Key(doc = "Write TensorBoard events into tb/ of the run directory.", value = "true")
        boolean tensorboard) {}
