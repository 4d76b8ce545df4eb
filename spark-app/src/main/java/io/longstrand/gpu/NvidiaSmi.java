package io.longstrand.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks {@code nvidia-smi}, which comes with the driver, so that nothing of CUDA is loaded into this process. */
final class NvidiaSmi {
    private static final String PROGRAM = "nvidia-smi";
    private static final long PATIENCE_SECONDS = 20;
    private static final String FIELDS = "driver_version,index,name,uuid,memory.total,memory.free";
    /** Drivers before release 510 do not know the last field. */
    private static final List<String> QUESTIONS = List.of(FIELDS + ",compute_cap", FIELDS);

    private static final int FIELD_COUNT = 6;

    private final String program;

    NvidiaSmi() {
        this(PROGRAM);
    }

    /** @param program to start */
    NvidiaSmi(String program) {
        this.program = program;
    }

    /** What the driver says; empty where there is none, or none that answers in time. */
    Optional<NvidiaDriver> ask() {
        return QUESTIONS.stream()
                .map(this::answer)
                .flatMap(Optional::stream)
                .findFirst()
                .flatMap(NvidiaSmi::parse);
    }

    /** One line a GPU; empty when the program does not exist or fails. */
    private Optional<List<String>> answer(String question) {
        Path answer = null;
        try {
            answer = Files.createTempFile("longstrand-gpus-", ".csv");
            Process process = new ProcessBuilder(program, "--query-gpu=" + question, "--format=csv,noheader,nounits")
                    .redirectErrorStream(true)
                    .redirectOutput(answer.toFile())
                    .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            return process.exitValue() == 0
                    ? Optional.of(Files.readAllLines(answer, StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            delete(answer);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }

    /** @param lines as it prints them, memory in MiB; those it cannot make sense of are no GPU */
    static Optional<NvidiaDriver> parse(List<String> lines) {
        String version = "";
        List<NvidiaDriver.Gpu> gpus = new ArrayList<>();
        for (String line : lines) {
            String[] fields = line.split("\\s*,\\s*");
            if (fields.length >= FIELD_COUNT && fields[1].matches("\\d+")) {
                version = fields[0].strip();
                gpus.add(new NvidiaDriver.Gpu(
                        Integer.parseInt(fields[1]),
                        fields[2],
                        fields[3],
                        fields.length > FIELD_COUNT && fields[FIELD_COUNT].matches("\\d+\\.\\d+")
                                ? fields[FIELD_COUNT]
                                : "",
                        mebibytes(fields[4]),
                        mebibytes(fields[5])));
            }
        }
        return gpus.isEmpty() ? Optional.empty() : Optional.of(new NvidiaDriver(version, gpus));
    }

    /** 0 where the driver does not say. */
    private static long mebibytes(String field) {
        return field.matches("\\d{1,12}") ? Long.parseLong(field) << 20 : 0;
    }
}
