package io.longstrand.cli;

import io.longstrand.config.UserError;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.cluster.Rates;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What {@code plan} is to plan for. */
final class ClusterOptions {
    private static final List<Integer> GPUS = List.of(32, 64, 128);

    @Option(
            names = "--cluster",
            paramLabel = "<profile>",
            description =
                    "Plan for a cluster that need not be at hand, one of ${COMPLETION-CANDIDATES}: its memory where"
                            + " memory.device-budget and memory.host-budget are not given, GPUs that attend in one operation,"
                            + " and how long a step takes at published peaks.",
            completionCandidates = Names.class)
    private String cluster;

    @Option(
            names = "--longest",
            description =
                    "With --cluster: the longest sequence that all GPUs together train on, for each --gpus, beside"
                            + " what other systems reach by formulas fitted to their published results.")
    private boolean longest;

    @Option(
            names = "--gpus",
            paramLabel = "<count>",
            split = ",",
            description = "With --longest: numbers of GPUs. Default: 32,64,128.")
    private List<Integer> gpus;

    @Option(
            names = "--plot",
            paramLabel = "<file.svg>",
            description = "With --longest: draw it as bars, into this file.")
    private Path plot;

    @Option(
            names = "--rate",
            paramLabel = "<part>=<share>",
            description =
                    "With --cluster: what share of the published peak a part of a step reaches, measured or guessed:"
                            + " products (0.65 without), attention (0.5), links (0.9), host-link (0.8).")
    private Map<String, Double> rates = Map.of();

    /** The cluster, if one was named. @throws UserError for options that do not go together, or an unknown name */
    Optional<ClusterProfile> cluster() {
        if (longest && cluster == null) {
            throw new UserError("--longest needs --cluster, one of " + ClusterProfile.names());
        }
        if (!longest && gpus != null) {
            throw new UserError("--gpus goes with --longest; without it the configuration says how many ranks there are"
                    + " (parallel.data, context, head and tensor)");
        }
        if (!longest && plot != null) {
            throw new UserError("--plot goes with --longest");
        }
        if (cluster == null && !rates.isEmpty()) {
            throw new UserError("--rate goes with --cluster");
        }
        return Optional.ofNullable(cluster).map(ClusterProfile::named);
    }

    boolean longest() {
        return longest;
    }

    /** @throws UserError for a number that is not positive */
    List<Integer> gpus() {
        List<Integer> counts = gpus == null ? GPUS : gpus;
        counts.stream().filter(count -> count < 1).findFirst().ifPresent(count -> {
            throw new UserError("--gpus " + count + ": must be positive");
        });
        return counts;
    }

    /** @throws UserError for a part there is not, or a share outside 0 to 1 */
    Rates rates() {
        Rates all = Rates.given();
        for (Map.Entry<String, Double> rate : rates.entrySet()) {
            all = all.with(rate.getKey(), rate.getValue());
        }
        return all;
    }

    Optional<Path> plot() {
        return Optional.ofNullable(plot);
    }

    /** Names for the help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ClusterProfile.all().stream().map(ClusterProfile::name).iterator();
        }
    }
}
