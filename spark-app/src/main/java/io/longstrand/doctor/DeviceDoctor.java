package io.longstrand.doctor;

import io.longstrand.config.EnvironmentError;
import io.longstrand.tensor.BackendProvider;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The check of one device as a program of its own, for machines that have neither Spark nor the launcher: {@code java
 * --add-modules jdk.incubator.vector -cp <the application's jar, a backend's jars, Typesafe Config>
 * io.longstrand.doctor.DeviceDoctor torch 0 --json}: a backend's name ({@code auto} without), the number of its GPU (0
 * without), and whether JSON is wanted on standard output. Everything for people goes to standard error. Exit codes: 0
 * all is well; 2 wrong usage; 3 something is missing or wrong.
 */
public final class DeviceDoctor {
    private static final int HEALTHY = 0;
    private static final int WRONG_USAGE = 2;
    private static final int WRONG = 3;

    private DeviceDoctor() {}

    /** Looks and ends the JVM. */
    public static void main(String[] arguments) {
        PrintStream output = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream messages = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(run(output, messages, arguments));
    }

    static int run(PrintStream output, PrintStream messages, String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        boolean json = words.remove("--json");
        String backend = words.isEmpty() ? "auto" : words.get(0);
        int device = 0;
        try {
            device = words.size() < 2 ? 0 : Integer.parseUnsignedInt(words.get(1));
        } catch (NumberFormatException e) {
            device = -1;
        }
        if (device < 0 || words.size() > 2 || backend.startsWith("-")) {
            messages.println("longstrand: what is asked is [backend] [number of its GPU] [--json], not "
                    + String.join(" ", arguments));
            return WRONG_USAGE;
        }
        DeviceTable table = new DeviceTable(messages::println);
        int threads = Runtime.getRuntime().availableProcessors();
        try {
            DeviceReport report = new DeviceCheck(backend, new BackendProvider.Options(threads, device)).run(table);
            table.end(report);
            if (json) {
                output.println(DeviceDocument.json(DeviceDocument.of(report)));
            }
            return report.healthy() ? HEALTHY : WRONG;
        } catch (EnvironmentError e) {
            messages.println("longstrand: " + e.getMessage());
            return WRONG;
        }
    }
}
