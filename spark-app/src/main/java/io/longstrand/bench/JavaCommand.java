package io.longstrand.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * How another JVM is started with the classes of this one.
 *
 * @param options it is started with
 */
public record JavaCommand(List<String> options) {
    public JavaCommand {
        options = List.copyOf(options);
    }

    /** With all options of this JVM; an agent that listens cannot do so twice. */
    public static JavaCommand likeThis() {
        return new JavaCommand(own(option -> !option.startsWith("-agentlib")));
    }

    /** With what classes need to be loaded and run, without this JVM's sizes and properties. */
    public static JavaCommand ofAnySize() {
        return new JavaCommand(own(option -> option.startsWith("--add-")
                || option.startsWith("-XX:CompileCommand")
                || option.startsWith("-Djdk.")
                || option.startsWith("-Dorg.bytedeco.")));
    }

    private static List<String> own(Predicate<String> wanted) {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(wanted)
                .toList();
    }

    /** Where this JVM's classes are. */
    public static String classPath() {
        // Surefire hides the class path of tests in a jar of its own.
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** The same with further options. */
    public JavaCommand with(List<String> more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(more);
        return new JavaCommand(all);
    }

    /** The command line. @param main name of the class whose main method runs */
    public List<String> running(String main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), main));
        command.addAll(arguments);
        return command;
    }
}
