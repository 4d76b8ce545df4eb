package io.longstrand.bench;

import java.util.List;
import java.util.stream.Stream;

/** How our own step saves memory, from naive attention to every lever. */
enum MemoryMode {
    /** Whole matrices of scores, everything resident. */
    NAIVE("naive", "fp32", List.of("attention.kernel=naive")),
    /** Flash attention, everything resident. */
    NONE("none", "fp32", List.of()),
    /** Blocks keep their input alone. */
    RECOMPUTE("recompute", "fp32", Levers.RECOMPUTE),
    /** State and activations in host memory. */
    OFFLOAD("offload", "fp32", Levers.OFFLOAD),
    /** Both, the MLP tile by tile (the loss always is), and activations in bfloat16. */
    ALL("all", "bf16", Levers.ALL),
    /** All levers that change no bit. */
    ALL_IN_FP32("all", "fp32", Levers.ALL);

    private static final class Levers {
        private static final List<String> RECOMPUTE = List.of("memory.recompute=full");
        private static final List<String> OFFLOAD = List.of(
                "memory.offload.optimizer=host", "memory.offload.parameters=host", "memory.offload.activations=host");
        private static final List<String> TILES = List.of("memory.mlp-tile=2048");
        private static final List<String> ALL =
                Stream.of(RECOMPUTE, OFFLOAD, TILES).flatMap(List::stream).toList();
    }

    private final String text;
    private final String precision;
    private final List<String> settings;

    MemoryMode(String text, String precision, List<String> settings) {
        this.text = text;
        this.precision = precision;
        this.settings = settings;
    }

    /** As in {@code mode=…}. */
    String text() {
        return text;
    }

    /** As in {@code precision=…}. */
    String precision() {
        return precision;
    }

    /** What it says in a configuration. */
    List<String> settings() {
        return Stream.concat(settings.stream(), Stream.of("train.precision=" + precision))
                .toList();
    }
}
