package io.longstrand.config;

import java.util.Locale;

/** An enum whose constants a configuration file names in lower case, with dashes for underscores. */
public interface Choice {
    /** The constant's Java name; every enum has it. */
    String name();

    /** The name a configuration file uses, for example {@code device-only} for {@code DEVICE_ONLY}. */
    default String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
