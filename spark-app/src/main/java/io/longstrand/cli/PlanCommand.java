package io.longstrand.cli;

import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.genome.token.TokenizerLoader;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.plan.cluster.AbsentGpu;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.cluster.StepTime;
import io.longstrand.spark.launch.ClusterFiles;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.Advice;
import io.longstrand.train.ClusterStep;
import io.longstrand.train.ClusterVariants;
import io.longstrand.train.LongestSequences;
import io.longstrand.train.MemoryAdvisor;
import io.longstrand.train.TrainingMemory;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longstrand plan}: what a configuration needs before it runs. */
@Command(
        name = "plan",
        description = {
            "Says what a training run will take, by owner, before anything runs: no data is needed.",
            "",
            "  submit/longstrand plan data.sequence-length=65536",
            "  submit/longstrand plan --conf conf/models/GPT25B.conf memory.device-budget=80GiB",
            "",
            "  submit/longstrand plan --cluster a100-40g --longest --plot longest.svg --conf conf/models/GPT25B.conf",
            "",
            "When it does not fit the budget, it names the settings that would make it fit and what they cost.",
            "",
        },
        usageHelpAutoWidth = true)
final class PlanCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private ClusterOptions options;

    @Mixin
    private OutputOptions output;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    PlanCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Optional<ClusterProfile> cluster = options.cluster();
        RunConfiguration settings = configuration.load();
        int vocabulary = new TokenizerLoader(new ClusterFiles().open())
                .byName(settings.data().tokenizer())
                .vocabularySize();
        if (cluster.isPresent() && options.longest()) {
            longest(cluster.get(), vocabulary);
        } else if (cluster.isPresent()) {
            onCluster(cluster.get(), settings, vocabulary);
        } else {
            int threads = settings.run().threads().orElse(Runtime.getRuntime().availableProcessors());
            try (Backend backend =
                    new Backends().open(settings.backend().text(), new BackendProvider.Options(threads))) {
                plan(configuration::load, vocabulary, backend, backend.description(), Optional.empty());
            }
        }
        return ExitCode.DONE.number();
    }

    private void plan(
            Function<List<String>, RunConfiguration> variants,
            int vocabulary,
            Backend backend,
            String description,
            Optional<PlanReport.OnCluster> cluster) {
        TrainingMemory memory = new TrainingMemory(variants.apply(List.of()), vocabulary);
        memory.checkMask();
        MemoryPlanner planner = memory.planner(backend);
        MemoryPlan plan = planner.plan(memory.workload());
        MemoryPlan.Budget budget = memory.budget();
        OptionalInt longest = planner.longestSequence(memory.workload().microBatch(), budget);
        List<Advice> advice = plan.fits(budget) ? List.of() : advice(variants, vocabulary, backend, budget);
        PlanReport report = new PlanReport(console);
        report.head(memory.shape(), memory.workload(), description);
        report.show(plan, budget, longest, memory.communicationBytes(backend), advice, cluster, output.json());
    }

    private void onCluster(ClusterProfile cluster, RunConfiguration settings, int vocabulary) {
        int ranks = settings.parallel().world();
        cluster.checkRanks(ranks);
        ClusterVariants variants = new ClusterVariants(configuration::load, cluster);
        StepTime step = new ClusterStep(variants, vocabulary, cluster, options.rates())
                .time(List.of(), settings.data().sequenceLength());
        try (Backend gpu = new AbsentGpu(cluster)) {
            String description = "one of " + ranks + " GPUs of " + cluster.name();
            PlanReport.OnCluster report = new PlanReport.OnCluster(cluster.name(), step);
            plan(variants, vocabulary, gpu, description, Optional.of(report));
        }
    }

    private void longest(ClusterProfile cluster, int vocabulary) {
        LongestSequences planner = new LongestSequences(configuration::load, vocabulary, cluster, options.rates());
        options.gpus().forEach(cluster::checkGpus);
        List<LongestSequences.Longest> lengths =
                options.gpus().stream().map(planner::on).toList();
        LongestReport report =
                new LongestReport(console, cluster, new TrainingMemory(configuration.load(), vocabulary).shape());
        List<LongestReport.Row> rows = report.show(lengths, output.json());
        options.plot().ifPresent(file -> report.plot(rows, file));
    }

    /** @throws UserError when nothing fits, naming the smallest budget that would */
    private List<Advice> advice(
            Function<List<String>, RunConfiguration> variants,
            int vocabulary,
            Backend backend,
            MemoryPlan.Budget budget) {
        MemoryAdvisor advisor = new MemoryAdvisor(variants, vocabulary, backend);
        List<Advice> advice = advisor.advice();
        if (advice.isEmpty()) {
            Advice smallest = advisor.smallest();
            throw new UserError("memory.device-budget = " + budget.deviceBytes() + " and memory.host-budget = "
                    + budget.hostBytes() + ": nothing fits; the smallest budget that would is memory.device-budget = "
                    + smallest.deviceBytes() + " and memory.host-budget = " + smallest.hostBytes() + ", with "
                    + String.join(" ", smallest.settings()) + " train.micro-batch=1 data.sequence-length="
                    + MemoryPlanner.SHORTEST.sequenceLength());
        }
        return advice;
    }
}
