package io.longstrand.cli;

import io.longstrand.comm.OperationKind;
import io.longstrand.metrics.Quantity;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ParameterLayout;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.Workload;
import io.longstrand.plan.cluster.StepTime;
import io.longstrand.train.Advice;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Shows what a configuration needs, as a table for people and as JSON. */
final class PlanReport {
    private static final String ROW = "  %-20s %12s";
    private static final String SECONDS = "  %-20s %10.3f s";

    /**
     * What {@code --json} prints.
     *
     * @param fits whether the budget holds it
     * @param perRank bytes by owner at the moment of the peak
     * @param longestSequence tokens of the longest sequence that fits, a multiple of 64; 0 when none does
     * @param communicationBytesPerStep bytes the first rank sends by operation; nothing for one rank
     * @param advice what would make it fit, cheapest first; empty when it fits
     * @param cluster planned for; null when it is this machine
     */
    record Document(
            boolean fits,
            PerRank perRank,
            int longestSequence,
            Map<String, Long> communicationBytesPerStep,
            List<Advice> advice,
            OnCluster cluster) {}

    /**
     * A step on a cluster.
     *
     * @param name of the profile
     * @param stepSeconds of its parts, at published peaks and given rates
     */
    record OnCluster(String name, StepTime stepSeconds) {}

    /** Bytes by owner. */
    record PerRank(Map<String, Long> device, Map<String, Long> host) {}

    private final Console console;
    private final Quantity quantity = new Quantity();

    PlanReport(Console console) {
        this.console = console;
    }

    /** Says which model and step is planned. */
    void head(ModelShape shape, Workload workload, String backend) {
        console.say(
                "%s parameters in %d layers of %d; %d x %,d tokens; %s",
                quantity.count(new ParameterLayout(shape).learned()),
                shape.layers(),
                shape.hidden(),
                workload.microBatch(),
                workload.sequenceLength(),
                backend);
    }

    /** @param sent bytes a rank sends in a step */
    void show(
            MemoryPlan plan,
            MemoryPlan.Budget budget,
            OptionalInt longest,
            Map<OperationKind, Long> sent,
            List<Advice> advice,
            Optional<OnCluster> cluster,
            boolean json) {
        boolean fits = plan.fits(budget);
        say("device", plan.deviceBytes(), budget.deviceBytes(), plan.device());
        say("host", plan.hostBytes(), budget.hostBytes(), plan.host());
        if (!sent.isEmpty()) {
            console.say("sent by a rank in a step: %s", quantity.bytes(sum(sent)));
            sent.forEach((kind, bytes) -> console.say(ROW, kind.title(), quantity.bytes(bytes)));
        }
        if (longest.isPresent()) {
            console.say("longest sequence that fits: %,d tokens", longest.getAsInt());
        }
        cluster.ifPresent(this::say);
        if (!fits) {
            console.say("does not fit; what would, cheapest first:");
            advice.forEach(this::say);
        }
        if (json) {
            new Json()
                    .print(
                            console,
                            new Document(
                                    fits,
                                    new PerRank(plan.device(), plan.host()),
                                    longest.orElse(0),
                                    byTitle(sent),
                                    advice,
                                    cluster.orElse(null)));
        }
    }

    private void say(OnCluster cluster) {
        StepTime step = cluster.stepSeconds();
        console.say("a step on %s takes %.3f s if nothing overlaps", cluster.name(), step.seconds());
        console.say(SECONDS, "products", step.products());
        console.say(SECONDS, "attention", step.attention());
        console.say(SECONDS, "sent inside nodes", step.inNode());
        console.say(SECONDS, "sent between nodes", step.betweenNodes());
        console.say(SECONDS, "to and from the host", step.hostLink());
    }

    private static long sum(Map<OperationKind, Long> sent) {
        return sent.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, Long> byTitle(Map<OperationKind, Long> sent) {
        Map<String, Long> titled = new LinkedHashMap<>();
        sent.forEach((kind, bytes) -> titled.put(kind.title(), bytes));
        return titled;
    }

    private void say(String place, long needed, long budget, Map<String, Long> owners) {
        console.say("%s memory: %s of %s", place, quantity.bytes(needed), quantity.bytes(budget));
        owners.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .forEach(owner -> console.say(ROW, owner.getKey(), quantity.bytes(owner.getValue())));
    }

    private void say(Advice advice) {
        console.say("  %s", String.join(" ", advice.settings()));
        console.say(
                "      device %s, host %s; a step executes %s and moves %s between host and device",
                quantity.bytes(advice.deviceBytes()),
                quantity.bytes(advice.hostBytes()),
                flops(advice),
                moved(advice.extraMovedBytes()));
    }

    private String flops(Advice advice) {
        if (advice.extraFlops() == 0) {
            return "no more FLOP";
        }
        return String.format(
                Locale.ROOT,
                "%s FLOP %s (%+.1f%%)",
                quantity.count((long) Math.abs(advice.extraFlops())),
                advice.extraFlops() > 0 ? "more" : "less",
                100 * advice.extraFlopsShare());
    }

    private String moved(long bytes) {
        if (bytes == 0) {
            return "nothing more";
        }
        return quantity.bytes(Math.abs(bytes)) + (bytes > 0 ? " more" : " less");
    }
}
