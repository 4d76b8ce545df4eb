package io.longstrand.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A genome and a model so small that training takes no time worth naming. */
final class TinyRun {
    private final Path directory;

    TinyRun(Path directory) {
        this.directory = directory;
    }

    /** 12,000 random bases in one record. */
    Path genome() throws IOException {
        Path file = directory.resolve("genome.fa");
        if (!Files.exists(file)) {
            Random random = new Random(7);
            StringBuilder text = new StringBuilder(">chromosome\n");
            for (int base = 0; base < 12_000; base++) {
                text.append("ACGT".charAt(random.nextInt(4)));
                if (base % 60 == 59) {
                    text.append('\n');
                }
            }
            Files.writeString(file, text, StandardCharsets.US_ASCII);
        }
        return file;
    }

    /** Arguments of {@code train}; later ones win. */
    String[] train(String run, Path input, String... more) throws IOException {
        Path conf = directory.resolve("tiny.conf");
        Files.writeString(conf, """
                data { tokenizer = "3-mer", sequence-length = 32 }
                model { layers = 1, hidden = 32, heads = 2 }
                train { steps = 4, micro-batch = 4, schedule { steps = 6, warm-up-steps = 1 } }
                """, StandardCharsets.UTF_8);
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--conf",
                conf.toString(),
                "data.inputs=[\"" + input + "\"]",
                "run.directory=\"" + run(run) + "\""));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** Directory of a run. */
    Path run(String run) {
        return directory.resolve(run);
    }

    /** Names a run to a command. */
    String named(String run) {
        return "run.directory=\"" + run(run) + "\"";
    }
}
