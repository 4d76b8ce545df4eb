package io.longstrand.metrics;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;

/** Something that happened in a run: one line of {@code events.jsonl}, named by its {@code type}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RunStarted.class, name = "run-started"),
    @JsonSubTypes.Type(value = RunCautioned.class, name = "run-cautioned"),
    @JsonSubTypes.Type(value = BaselinesScored.class, name = "baselines-scored"),
    @JsonSubTypes.Type(value = StepCompleted.class, name = "step-completed"),
    @JsonSubTypes.Type(value = ValidationCompleted.class, name = "validation-completed"),
    @JsonSubTypes.Type(value = CheckpointWritten.class, name = "checkpoint-written"),
    @JsonSubTypes.Type(value = RunFailed.class, name = "run-failed"),
    @JsonSubTypes.Type(value = RunFinished.class, name = "run-finished")
})
public sealed interface RunEvent extends Serializable
        permits RunStarted,
                RunCautioned,
                BaselinesScored,
                StepCompleted,
                ValidationCompleted,
                CheckpointWritten,
                RunFailed,
                RunFinished {
    /** Milliseconds since 1970 when it happened. */
    long time();

    /** Optimiser steps done by then. */
    long step();
}
