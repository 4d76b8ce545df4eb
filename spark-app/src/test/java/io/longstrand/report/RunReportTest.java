package io.longstrand.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.config.UserError;
import io.longstrand.metrics.Broadcast;
import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.EventSink;
import io.longstrand.metrics.MaskUse;
import io.longstrand.metrics.Sample;
import io.longstrand.metrics.StatusFile;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class RunReportTest {
    private final Sample sample = new Sample();

    @TempDir
    Path directory;

    private FileStore store;
    private RunDirectory run;

    @BeforeEach
    void store() throws IOException {
        store = FileStore.local();
        run = new RunDirectory(directory.toString());
    }

    @Test
    void the_report_shows_the_figures_of_the_run() throws IOException {
        String html = trainedReport();
        assertThat(html)
                .contains("<b>1.770</b>", "<b>-0.057</b>", "from the best count model, mix", "<b>40 / 40</b>")
                .contains("<b>803k</b>", "<b>25%</b>", "<b>200 MiB</b>", "finished")
                .contains("<td>order-6</td><td class=\"number\">1.830</td><td class=\"number\">+0.060</td>")
                .contains("The whole held-out part, 165,298 bases, after step 40")
                .contains("300 MiB device, 1.00 MiB host", "40.0 GFLOP/s");
    }

    @Test
    void every_curve_is_drawn() throws Exception {
        String html = trainedReport();
        List<String> charts = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL)
                .matcher(html)
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(charts).hasSize(7);
        for (String chart : charts) {
            assertThat(DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new InputSource(new StringReader(chart)))
                            .getElementsByTagName("path")
                            .getLength())
                    .isGreaterThan(10);
        }
        assertThat(html)
                .contains("Bits per base", "Loss", "Throughput", "Arithmetic", "Memory", "Learning rate")
                .doesNotContain("needs fonts");
    }

    @Test
    void the_page_needs_nothing_from_outside() throws IOException {
        assertThat(trainedReport())
                .doesNotContain("<script", "<link", "src=", "href", "@import", "http:", "https:", "<!ENTITY");
    }

    @Test
    void what_comes_from_files_is_escaped() throws IOException {
        Files.writeString(directory.resolve("config.conf"), "run.directory = \"</pre><script>alert(1)</script>\"");
        assertThat(trainedReport())
                .contains("&lt;/pre&gt;&lt;script&gt;alert(1)")
                .contains("Example &lt;CPU&gt; &amp; more")
                .doesNotContain("<script", "<CPU>");
    }

    @Test
    void names_inside_charts_do_not_collide() throws IOException {
        List<String> identifiers = Pattern.compile(" id=\"([^\"]+)\"")
                .matcher(trainedReport())
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(identifiers).isNotEmpty().doesNotHaveDuplicates();
    }

    @Test
    void a_run_that_has_just_started_has_a_report() throws IOException {
        try (EventSink sink = new EventLog(store, run.path()).begin()) {
            sink.accept(sample.started(0));
        }
        assertThat(Files.readString(Path.of(new RunReport(store, run).write())))
                .contains("No step is done yet.")
                .contains("config.conf is missing");
    }

    @Test
    void a_single_step_and_a_loss_that_is_no_number_are_drawn() throws IOException {
        try (EventSink sink = new EventLog(store, run.path()).begin()) {
            sink.accept(sample.started(0));
            sink.accept(sample.step(1));
            sink.accept(new io.longstrand.metrics.StepCompleted(
                    1, 2, 3, Double.NaN, Double.NaN, 0.1, Double.NaN, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, MaskUse.NONE));
        }
        assertThat(Files.readString(Path.of(new RunReport(store, run).write()))).contains("<svg");
    }

    @Test
    void a_directory_without_a_run_is_refused() {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new RunReport(store, run).write())
                .withMessage(
                        directory + " holds no run: expected a run directory with the events.jsonl of a training run");
    }

    private String trainedReport() throws IOException {
        try (EventSink sink = new Broadcast(List.of(
                new EventLog(store, run.path()).begin(), new StatusFile(store, run.status(), Duration.ofSeconds(1))))) {
            sink.accept(sample.started(0));
            sink.accept(sample.baselines());
            for (int step = 1; step <= 40; step++) {
                sink.accept(sample.step(step));
                if (step % 10 == 0) {
                    sink.accept(sample.validation(step, step == 40));
                }
            }
            sink.accept(sample.checkpoint(40));
            sink.accept(sample.finished(40, false));
        }
        return Files.readString(Path.of(new RunReport(store, run).write()));
    }
}
