package io.longstrand.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * One thing the doctor looked at.
 *
 * @param subject what was looked at, such as {@code backend cpu}
 * @param verdict how it is
 * @param detail what was found and, for a fault, what would help
 */
record Finding(String subject, Verdict verdict, String detail) {
    /** How something is. */
    enum Verdict {
        /** As it should be. */
        OK,
        /** Not there, and runs do without it. */
        ABSENT,
        /** A run needs it and it is missing or wrong. */
        FAULT
    }

    @JsonIgnore
    boolean isFault() {
        return verdict == Verdict.FAULT;
    }

    /** For people: verdict, subject and detail in columns. */
    String line() {
        return String.format("%-6s  %-28s  %s", verdict, subject, detail);
    }
}
