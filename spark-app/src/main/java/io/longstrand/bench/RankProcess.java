package io.longstrand.bench;

import io.longstrand.config.RunFailure;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link RankWorker} in a JVM like this one, with the same class path and options. */
final class RankProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    RankProcess(String backendName) {
        List<String> command = JavaCommand.likeThis().running(RankWorker.class.getName(), List.of(backendName));
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new RunFailure("cannot start a process for a rank: " + e.getMessage(), e);
        }
        questions = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Says something that is not answered at once. */
    void tell(String line) {
        try {
            questions.write(line);
            questions.newLine();
            questions.flush();
        } catch (IOException e) {
            throw gone(e);
        }
    }

    /** Waits for a line. @throws RunFailure when the rank failed, saying why */
    String hear() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw gone(null);
            }
            if (line.startsWith(RankWorker.FAILED)) {
                throw new RunFailure("a rank " + line);
            }
            return line;
        } catch (IOException e) {
            throw gone(e);
        }
    }

    private RunFailure gone(IOException e) {
        return new RunFailure("the process of a rank ended (" + process.pid() + ")", e);
    }

    /** Ends it: it has nothing more to read then. */
    @Override
    public void close() {
        try {
            questions.close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
