/**
 * The step loop of one rank: windows from {@code genome}, forward and backward of {@code model}, the update of {@code
 * optim} over the state of {@code zero}, validation by {@code inference}, checkpoints, and events to the driver. May
 * import every room below it and never Spark: {@code spark} runs {@code RankTraining} inside a barrier task and
 * implements {@link io.longstrand.train.Driver}. Data comes from prepared token shards; checkpoints and the {@link
 * io.longstrand.train.TrainingOutcome} go out.
 */
package io.longstrand.train;
