package io.longstrand.cli;

import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.genome.token.TokenizerLoader;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.spark.launch.ClusterFiles;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.Advice;
import io.longstrand.train.MemoryAdvisor;
import io.longstrand.train.TrainingMemory;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
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
            "When it does not fit the budget, it names the settings that would make it fit and what they cost.",
            "",
        },
        usageHelpAutoWidth = true)
final class PlanCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConfigurationOptions configuration;

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
        RunConfiguration settings = configuration.load();
        int vocabulary = new TokenizerLoader(new ClusterFiles().open())
                .byName(settings.data().tokenizer())
                .vocabularySize();
        int threads = settings.run().threads().orElse(Runtime.getRuntime().availableProcessors());
        try (Backend backend = new Backends().open(settings.backend().text(), new BackendProvider.Options(threads))) {
            TrainingMemory memory = new TrainingMemory(settings, vocabulary);
            memory.checkMask();
            MemoryPlanner planner = memory.planner(backend);
            MemoryPlan plan = planner.plan(memory.workload());
            MemoryPlan.Budget budget = memory.budget();
            OptionalInt longest = planner.longestSequence(memory.workload().microBatch(), budget);
            List<Advice> advice = plan.fits(budget) ? List.of() : advice(vocabulary, backend, budget);
            PlanReport report = new PlanReport(console);
            report.head(memory.shape(), memory.workload(), backend.description());
            report.show(plan, budget, longest, memory.communicationBytes(backend), advice, output.json());
        }
        return ExitCode.DONE.number();
    }

    /** @throws UserError when nothing fits, naming the smallest budget that would */
    private List<Advice> advice(int vocabulary, Backend backend, MemoryPlan.Budget budget) {
        MemoryAdvisor advisor = new MemoryAdvisor(configuration::load, vocabulary, backend);
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
