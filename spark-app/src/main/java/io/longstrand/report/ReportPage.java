package io.longstrand.report;

import io.longstrand.metrics.Machine;
import io.longstrand.metrics.Quantity;
import io.longstrand.metrics.RunStarted;
import io.longstrand.metrics.RunStatus;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.metrics.ValidationCompleted;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Writes the page of a run: one file that needs nothing else, no script and no network. */
final class ReportPage {
    private static final String STYLE = """
            :root { --ink: #333b45; --soft: #6b7480; --line: #e3e7ec; --accent: #1f6fb4; }
            * { box-sizing: border-box; }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #f6f7f9; margin: 0; }
            main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
            h1 { font-size: 24px; margin: 0; }
            h2 { font-size: 17px; margin: 34px 0 10px; }
            p.run { color: var(--soft); margin: 2px 0 22px; overflow-wrap: anywhere; }
            .state { font-size: 13px; font-weight: 600; border-radius: 10px; padding: 2px 10px; margin-left: 10px;
              background: #dfeaf4; color: var(--accent); vertical-align: middle; }
            .state.failed { background: #f7dfe2; color: #a83a4c; }
            .state.stopped { background: #f6ead9; color: #8a5a1b; }
            .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
            .tile, figure, .card { background: #fff; border: 1px solid var(--line); border-radius: 8px; }
            .tile { padding: 12px 14px; }
            .tile b { display: block; font-size: 21px; font-weight: 600; }
            .tile span { color: var(--soft); font-size: 13px; }
            .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 14px; }
            figure { margin: 0; padding: 10px 8px 4px; }
            figcaption { font-weight: 600; padding: 0 10px; }
            figure svg { width: 100%; height: auto; display: block; }
            .card { padding: 8px 14px; overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
            th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line);
              font-weight: 400; vertical-align: top; overflow-wrap: anywhere; }
            tr:last-child th, tr:last-child td { border-bottom: 0; }
            th { color: var(--soft); }
            td.number, th.number { text-align: right; }
            tr.trained * { font-weight: 600; color: var(--accent); }
            pre { margin: 8px 0; font-size: 13px; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; }
            summary { cursor: pointer; padding: 4px 0; }
            """;

    private final RunHistory history;
    private final Optional<RunStatus> status;
    private final String configuration;
    private final Quantity quantity = new Quantity();

    ReportPage(RunHistory history, Optional<RunStatus> status, String configuration) {
        this.history = history;
        this.status = status;
        this.configuration = configuration;
    }

    String html() {
        Html page = new Html();
        page.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .element("title", "Longstrand: " + history.start().run())
                .markup("<style>\n" + STYLE + "</style>\n</head>\n<body>\n<main>\n");
        heading(page);
        tiles(page);
        charts(page);
        page.markup("<div class=\"grid\">\n");
        baselines(page);
        machine(page);
        page.markup("</div>\n");
        page.markup(
                        "<h2>Configuration</h2>\n<div class=\"card\"><details><summary>every key of this run</summary><pre>")
                .text(configuration)
                .markup("</pre></details></div>\n</main>\n</body>\n</html>\n");
        return page.toString();
    }

    private void heading(Html page) {
        page.markup("<h1>Training run");
        status.ifPresent(now -> {
            String state = now.state().name().toLowerCase(Locale.ROOT);
            page.markup("<span class=\"state " + state + "\">" + state + "</span>");
        });
        RunStarted first = history.starts().get(0);
        page.markup("</h1>\n<p class=\"run\">")
                .text(history.start().run() + ", begun " + instant(first.time()))
                .markup("</p>\n");
        status.map(RunStatus::message).ifPresent(message -> page.element("p", message));
    }

    private void tiles(Html page) {
        page.markup("<div class=\"tiles\">\n");
        history.result().ifPresent(result -> {
            tile(page, decimal(result.bitsPerBase()), "held-out bits per base");
            bestBaseline()
                    .ifPresent(best -> tile(
                            page,
                            String.format(Locale.ROOT, "%+.3f", result.bitsPerBase() - best.getValue()),
                            "from the best count model, " + best.getKey()));
        });
        history.lastStep().ifPresent(last -> {
            tile(page, last.step() + " / " + history.start().steps(), "steps");
            tile(page, quantity.count(last.tokens()), "tokens seen");
            tile(page, quantity.duration(history.trainingSeconds()), "training time");
            tile(page, quantity.count(Math.round(mean(StepCompleted::tokensPerSecond))), "tokens per second");
            tile(page, quantity.flops(mean(StepCompleted::modelFlops)), "model arithmetic");
            if (last.mfu() > 0) {
                tile(
                        page,
                        String.format(Locale.ROOT, "%.0f%%", 100 * mean(StepCompleted::mfu)),
                        "of the measured peak (MFU)");
            }
            tile(page, quantity.bytes(last.devicePeak()), "peak device memory");
        });
        tile(page, quantity.count(history.start().parameters()), "parameters");
        page.markup("</div>\n");
    }

    private void charts(Html page) {
        if (history.steps().isEmpty()) {
            page.element("p", "No step is done yet.");
            return;
        }
        page.markup("<h2>Curves</h2>\n<div class=\"grid\">\n");
        for (Map.Entry<String, LineChart> chart :
                new ReportCharts(history).all().entrySet()) {
            page.markup("<figure><figcaption>").text(chart.getKey()).markup("</figcaption>");
            try {
                page.markup(chart.getValue().svg());
            } catch (LinkageError | InternalError e) {
                // A JVM without fontconfig or fonts cannot lay out letters; the rest of the page is worth having.
                page.element("p", "This chart needs fonts on the machine that writes the report: install fontconfig.");
            }
            page.markup("</figure>\n");
        }
        page.markup("</div>\n");
    }

    private void baselines(Html page) {
        Optional<ValidationCompleted> result = history.result();
        if (result.isEmpty()) {
            return;
        }
        BaselineTable table = BaselineTable.of(
                result.get().bitsPerBase(),
                result.get().bases(),
                history.baselines().map(scored -> scored.bitsPerBase()).orElse(Map.of()));
        page.markup("<section><h2>Result</h2>\n<div class=\"card\"><table>\n<tr><th>model</th>")
                .markup("<th class=\"number\">bits per base</th><th class=\"number\">difference</th></tr>\n");
        for (BaselineTable.Row row : table.rows()) {
            page.markup(row.trained() ? "<tr class=\"trained\"><td>" : "<tr><td>")
                    .text(row.name())
                    .markup("</td><td class=\"number\">" + decimal(row.bitsPerBase()))
                    .markup("</td><td class=\"number\">"
                            + (row.trained() ? "" : String.format(Locale.ROOT, "%+.3f", row.difference())))
                    .markup("</td></tr>\n");
        }
        page.markup("</table>\n");
        page.element(
                "p",
                String.format(
                        Locale.ROOT,
                        "%s, %,d bases, after step %d",
                        result.get().complete() ? "The whole held-out part" : "A sample of the held-out part",
                        result.get().bases(),
                        result.get().step()));
        page.markup("</div></section>\n");
    }

    private void machine(Html page) {
        RunStarted start = history.start();
        Machine machine = start.machine();
        page.markup("<section><h2>Machine</h2>\n<div class=\"card\"><table>\n")
                .row("processor", machine.processor())
                .row("memory", quantity.bytes(machine.memoryBytes()))
                .row("Java", machine.java())
                .row("backend", machine.backend())
                .row("ranks × threads", start.world() + " × " + machine.threads());
        if (machine.peakFlops() > 0) {
            page.row("measured peak", quantity.flops(machine.peakFlops()));
        }
        page.row(
                "planned memory per rank",
                quantity.bytes(start.devicePlanned()) + " device, " + quantity.bytes(start.hostPlanned()) + " host");
        history.lastStep().ifPresent(last -> page.row(
                        "peak memory per rank",
                        quantity.bytes(last.devicePeak()) + " device, " + quantity.bytes(last.hostPeak()) + " host")
                .row("resident set", quantity.bytes(last.residentSet())));
        for (RunStarted attempt : history.starts().subList(1, history.starts().size())) {
            page.row("resumed", "at step " + attempt.step() + ", " + instant(attempt.time()));
        }
        if (!history.checkpoints().isEmpty()) {
            page.row(
                    "last checkpoint",
                    history.checkpoints().get(history.checkpoints().size() - 1).path());
        }
        page.markup("</table></div></section>\n");
    }

    private Optional<Map.Entry<String, Double>> bestBaseline() {
        return history.baselines()
                .flatMap(scored -> scored.bitsPerBase().entrySet().stream().min(Map.Entry.comparingByValue()));
    }

    private double mean(ToDoubleFunction<StepCompleted> value) {
        double weighted = history.steps().stream()
                .mapToDouble(step -> value.applyAsDouble(step) * step.seconds())
                .sum();
        return history.trainingSeconds() > 0 ? weighted / history.trainingSeconds() : 0;
    }

    private static void tile(Html page, String figure, String label) {
        page.markup("<div class=\"tile\">")
                .element("b", figure)
                .element("span", label)
                .markup("</div>\n");
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.3f", number);
    }

    private static String instant(long milliseconds) {
        return Instant.ofEpochMilli(milliseconds)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }
}
