package io.longstrand.cli;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line for the user and an exit code; stack traces go to a file. */
final class ErrorReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Console console;

    ErrorReport(Console console) {
        this.console = console;
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        StringBuilder line = new StringBuilder(firstLine(wrong.getMessage()));
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                line.append("; did you mean ")
                        .append(String.join(" or ", suggestions))
                        .append('?');
            }
        }
        return end(line + " (see " + command.getCommandSpec().qualifiedName(" ") + " --help)", ExitCode.USER_ERROR);
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        return report(failure);
    }

    /** Says what went wrong. @return the exit code */
    int report(Throwable failure) {
        if (failure instanceof UserError) {
            return end(failure.getMessage(), ExitCode.USER_ERROR);
        }
        if (failure instanceof EnvironmentError) {
            return end(failure.getMessage(), ExitCode.ENVIRONMENT_ERROR);
        }
        if (failure instanceof RunFailure) {
            return end(failure.getMessage(), ExitCode.RUN_FAILURE);
        }
        return end("unexpected " + failure + "; the stack trace is in " + stackTrace(failure), ExitCode.DEFECT);
    }

    private int end(String line, ExitCode code) {
        console.messages().println("longstrand: " + firstLine(line));
        return code.number();
    }

    /** Messages of libraries may run over several lines; a user gets one. */
    private static String firstLine(String message) {
        return message == null ? "no message" : message.lines().findFirst().orElse("no message");
    }

    private static String stackTrace(Throwable failure) {
        try {
            Path file = Files.createTempFile("longstrand-", ".log");
            try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
                failure.printStackTrace(writer);
            }
            return file.toString();
        } catch (IOException e) {
            return "no file, writing it failed too: " + e.getMessage();
        }
    }
}
