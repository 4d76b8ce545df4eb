package io.longstrand.spark.dl4j;

import io.longstrand.comm.Traffic;
import io.longstrand.comm.World;
import io.longstrand.config.EnvironmentError;
import io.longstrand.spark.launch.PartitionWork;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.spark.impl.listeners.VanillaStatsStorageRouter;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import scala.Tuple2;

/**
 * A rank's part of the training of a DL4J network.
 *
 * @param network its configuration
 * @param parameters all of them, where training begins
 * @param states each rank's slice of the updater's state; empty without any
 * @param layout how state and parameters are cut
 * @param cut which examples belong to which step
 * @param observers who hears of each step
 * @param collectStats whether time is noted
 */
record NetworkRank(
        Blueprint network,
        Broadcast<INDArray> parameters,
        List<Broadcast<float[]>> states,
        StateLayout layout,
        ExampleCut cut,
        Observers observers,
        boolean collectStats)
        implements PartitionWork<Tuple2<Long, MultiDataSet>, RankOutcome> {
    @Override
    public RankOutcome run(World world, Iterator<Tuple2<Long, MultiDataSet>> pieces) {
        if (!Nd4j.getEnvironment().isCPU()) {
            throw new EnvironmentError("ND4J computes on a GPU here, and ranks exchange what lies in host memory; give"
                    + " executors nd4j-native instead of nd4j-cuda");
        }
        int rank = world.rank();
        Timeline timeline = new Timeline(collectStats);
        VanillaStatsStorageRouter storage = new VanillaStatsStorageRouter();
        INDArray state =
                states.isEmpty() ? null : StateArrays.array(states.get(rank).value());
        // In local mode what was broadcast is the driver's own array, and every rank's.
        Replica replica = network.build(parameters.value().dup());
        ShardedUpdate update = new ShardedUpdate(replica, layout, state, world.all(), timeline);
        Sequences sequences = new Sequences(replica, world.all());
        // Ranks that draw the same numbers would drop the same units.
        Nd4j.getRandom().setSeed(31 * replica.seed() + rank);
        if (rank == 0) {
            replica.setListeners(observers.listeners(storage));
        }
        StepExamples examples = new StepExamples(cut, rank, pieces);
        for (long step = 0; step < cut.steps(); step++) {
            long now = step;
            MultiDataSet mine = timeline.time(Phase.EXAMPLES, () -> examples.next(now));
            sequences.requireEqualLengths(mine);
            update.count(cut.length(step, rank), cut.together(step));
            timeline.time(Phase.STEP, () -> observers.around(mine, replica, () -> replica.fit(mine)));
        }
        return new RankOutcome(
                rank == 0 ? replica.model().params() : null,
                state == null ? new float[0] : state.toFloatVector(),
                update.runs(),
                replica.model().score(),
                report(world, state),
                timeline.stats(),
                new RankOutcome.Recorded(storage.getStorageMetaData(), storage.getStaticInfo(), storage.getUpdates()));
    }

    private static FitReport report(World world, INDArray state) {
        long sent =
                world.traffic().values().stream().mapToLong(Traffic::bytesSent).sum();
        return new FitReport(world.rank(), state == null ? 0 : state.data().length() * Float.BYTES, sent);
    }

    /** A rank's examples, step by step. */
    private static final class StepExamples {
        private final ExampleCut cut;
        private final int rank;
        private final Iterator<Tuple2<Long, MultiDataSet>> pieces;
        private MultiDataSet last;

        StepExamples(ExampleCut cut, int rank, Iterator<Tuple2<Long, MultiDataSet>> pieces) {
            this.cut = cut;
            this.rank = rank;
            this.pieces = pieces;
        }

        /** The rank's examples of a step. Where it has none, the last step's again: they will not count. */
        MultiDataSet next(long step) {
            int wanted = cut.length(step, rank);
            if (wanted == 0) {
                return last;
            }
            List<MultiDataSet> parts = new ArrayList<>();
            for (long have = 0; have < wanted; ) {
                MultiDataSet piece = pieces.next()._2();
                parts.add(piece);
                have += ExampleFeed.count(piece);
            }
            last = org.nd4j.linalg.dataset.MultiDataSet.merge(parts);
            return last;
        }
    }
}
