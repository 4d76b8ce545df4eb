package io.longstrand.config;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The values a key accepts within its type; the description completes "expected …" in the message to the user. */
enum Check {
    ANY("", value -> true),
    POSITIVE("above 0", value -> number(value) > 0),
    NOT_NEGATIVE("0 or above", value -> number(value) >= 0),
    /** The host sees four bytes of each token of a sequence through one window of memory, which ends at 2 GiB. */
    SEQUENCE_LENGTH("from 2 to 536870848", value -> number(value) >= 2 && number(value) <= 536_870_848),
    /** No machine has more, and each is a thread. */
    THREADS("from 1 to 1024", value -> isFrom1To(1024, value)),
    /** Above any model there is; sizes of memory in bytes stay below 2 to the 63rd. */
    LAYERS("from 1 to 10000", value -> isFrom1To(10_000, value)),
    HIDDEN("from 1 to 1048576", value -> isFrom1To(1 << 20, value)),
    WIDE("from 1 to 16777216", value -> isFrom1To(1 << 24, value)),
    /** Zero included, one excluded. */
    FRACTION("0 or above and below 1", value -> number(value) >= 0 && number(value) < 1),
    /** Zero and one included. */
    SHARE("between 0 and 1", value -> number(value) >= 0 && number(value) <= 1),
    ZERO_STAGE("0, 1, 2 or 3", value -> number(value) >= 0 && number(value) <= 3),
    NOT_BLANK("not blank", value -> !((String) value).isBlank()),
    TOKENIZER(
            "\"nucleotide\", \"codon\", \"1-mer\" … \"9-mer\" or the path of a tokenizer.json",
            value -> Patterns.TOKENIZER.matcher((String) value).matches()),
    LOCAL_FILE("the path of a file on a local disk, not a URI", value -> !Paths.isUri((String) value)),
    LOCAL_DIRECTORY(
            "auto or the absolute path of a directory on a local disk",
            value -> value.equals("auto") || ((String) value).startsWith("/")),
    NO_BLANK_ITEM(
            "without blank items", value -> ((List<?>) value).stream().noneMatch(item -> ((String) item).isBlank()));

    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // Lambdas that capture nothing; Predicate cannot say so.
    private final Predicate<Object> valid;

    Check(String description, Predicate<Object> valid) {
        this.description = description;
        this.valid = valid;
    }

    String description() {
        return description;
    }

    boolean accepts(Object value) {
        return valid.test(value);
    }

    private static boolean isFrom1To(int most, Object value) {
        boolean automatic = value instanceof OptionalInt count && count.isEmpty();
        return automatic || number(value) >= 1 && number(value) <= most;
    }

    /** An automatic (empty) value is decided later and always valid: it counts as the largest number. */
    private static double number(Object value) {
        if (value instanceof OptionalLong bytes) {
            return bytes.isPresent() ? bytes.getAsLong() : Double.MAX_VALUE;
        }
        if (value instanceof OptionalInt count) {
            return count.isPresent() ? count.getAsInt() : Double.MAX_VALUE;
        }
        if (value instanceof Duration duration) {
            return duration.toMillis();
        }
        return ((Number) value).doubleValue();
    }

    /** An enum cannot use its own static fields in its constants' arguments. */
    private static final class Patterns {
        private static final Pattern TOKENIZER = Pattern.compile("nucleotide|codon|[1-9]-mer|.+\\.json");
    }
}
