package io.longstrand.cli;

import io.longstrand.bench.Benchmark;
import io.longstrand.bench.Benchmarks;
import io.longstrand.bench.Row;
import io.longstrand.bench.Selection;
import io.longstrand.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code longstrand bench <name>}: measures this machine. */
@Command(
        name = "bench",
        description = {
            "Runs a benchmark on this machine and compares its figures with the bars set for them.",
            "",
            "  submit/longstrand bench step",
            "  submit/longstrand bench step lengths=2048,8192 contenders=longstrand",
            "",
        },
        usageHelpAutoWidth = true)
final class BenchCommand implements Callable<Integer> {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private final Console console;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "<name>",
            description = "Which one: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Names.class)
    private String name;

    @Parameters(
            index = "1..*",
            paramLabel = "<key>=<value>",
            description =
                    "What to measure of it, such as lengths=2048,8192; below is what each benchmark takes, and what it"
                            + " takes without.")
    private List<String> selected = List.of();

    @Mixin
    private OutputOptions output;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    BenchCommand(Console console) {
        this.console = console;
    }

    /** Lists every benchmark, and what can be selected of it, below the help. */
    @Spec
    void describe(CommandSpec spec) {
        List<String> lines = new ArrayList<>();
        for (Benchmark benchmark : new Benchmarks().all()) {
            lines.add("");
            lines.add("bench " + benchmark.name() + ": " + benchmark.description());
            benchmark.options().forEach(option -> lines.add("  " + option.key() + "=… " + option.meaning()));
        }
        // Percent signs are picocli's own.
        spec.usageMessage()
                .footer(lines.stream().map(line -> line.replace("%", "%%")).toArray(String[]::new));
    }

    /** What {@code --json} prints. */
    record Report(String bench, String machine, String date, List<Row> rows) {}

    @Override
    public Integer call() throws IOException {
        if (name == null) {
            throw new UserError("bench needs the name of a benchmark, one of " + names());
        }
        Benchmark benchmark = new Benchmarks().named(name);
        Selection selection = new Selection(benchmark, selected);
        console.say("%s: %s", benchmark.name(), benchmark.description());
        List<Row> rows = benchmark.run(selection, line -> console.say("%s", line));
        new BenchTable(rows).lines().forEach(line -> console.say("%s", line));
        if (output.json()) {
            new Json()
                    .print(
                            console,
                            new Report(
                                    name,
                                    machine(),
                                    LocalDate.now(ZoneOffset.UTC).toString(),
                                    rows));
        }
        return ExitCode.DONE.number();
    }

    private static String names() {
        return String.join(
                ", ", new Benchmarks().all().stream().map(Benchmark::name).toList());
    }

    private static String machine() throws IOException {
        String processor = System.getProperty("os.arch");
        if (Files.isReadable(PROCESSORS)) {
            try (Stream<String> lines = Files.lines(PROCESSORS)) {
                processor = lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(processor);
            }
        }
        return processor + ", " + Runtime.getRuntime().availableProcessors() + " processors, Java "
                + Runtime.version().feature();
    }

    /** The names for the help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return new Benchmarks().all().stream().map(Benchmark::name).iterator();
        }
    }
}
