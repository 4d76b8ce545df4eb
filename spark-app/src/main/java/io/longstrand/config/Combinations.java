package io.longstrand.config;

/** Refuses values that are valid alone but impossible together. */
final class Combinations {
    private final Origin origin;

    Combinations(Origin origin) {
        this.origin = origin;
    }

    /** @throws UserError naming both keys, where each was set, and what would fit */
    void check(RunConfiguration configuration) {
        ModelSection model = configuration.model();
        require(
                model.hidden() % model.heads() == 0,
                "model.hidden",
                "model.heads",
                "hidden must be a multiple of heads, for example " + multiple(model.hidden(), model.heads()));
        require(
                model.heads() % model.kvHeads() == 0,
                "model.kv-heads",
                "model.heads",
                "kv-heads must divide heads: valid are " + divisors(model.heads()));
        if (model.position() == ModelSection.Position.ROTARY) {
            require(
                    model.headSize() % 2 == 0,
                    "model.hidden",
                    "model.heads",
                    "rotary positions need an even head size, hidden / heads is " + model.headSize());
        }
    }

    private void require(boolean holds, String key, String other, String what) {
        if (!holds) {
            throw new UserError(origin.of(key) + " does not go with " + origin.beside(other) + ": " + what);
        }
    }

    private static int multiple(int value, int factor) {
        return (value + factor - 1) / factor * factor;
    }

    private static String divisors(int number) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= number; i++) {
            if (number % i == 0) {
                text.append(text.isEmpty() ? "" : ", ").append(i);
            }
        }
        return text.toString();
    }
}
