package io.longstrand.cli;

/** What the process ends with; scripts rely on the numbers. */
enum ExitCode {
    /** Done. */
    DONE(0),
    /** A defect of Longstrand outside a training run. */
    DEFECT(1),
    /** Wrong usage, input or configuration. */
    USER_ERROR(2),
    /** The machine or cluster lacks what was asked. */
    ENVIRONMENT_ERROR(3),
    /** A run failed or was interrupted and can be resumed. */
    RUN_FAILURE(4);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
