package io.longstrand.spark.dl4j;

import io.longstrand.comm.Communicator;
import io.longstrand.mesh.Slices;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One step's update, shared by the ranks (ZeRO, Rajbhandari et al. 2020, stage 2's exchange): gradients are summed and
 * scattered, each rank updates its slice with its slice of the updater's state, and the slices are gathered. What is
 * gathered is what DL4J then subtracts from the parameters, the same bytes as the parameters themselves: so steps,
 * constraints and listeners that look at updates are DL4J's own, and parameters stay the same to the bit on every rank.
 */
final class ShardedUpdate implements StepUpdate {
    private final Replica replica;
    private final Communicator ranks;
    private final Timeline timeline;
    private final Tensor whole;
    private final Tensor slice;
    private final INDArray scalars;
    private final Tensor scalarsTensor;
    private final List<OwnedBlock> owned = new ArrayList<>();
    /** This rank's gradients that are divided by the examples of all ranks. */
    private final List<INDArray> ownMeans;
    /** What DL4J treats as gradients and are none, such as running means: their mean over all ranks is taken. */
    private final List<INDArray> estimates = new ArrayList<>();

    private final GradientNorms norms;
    private int ownExamples;
    private int allExamples;
    private int runs;

    /**
     * Takes the place of the network's updater.
     *
     * @param state (elements) this rank's slice of the updater's state; null without one
     */
    ShardedUpdate(Replica replica, StateLayout layout, INDArray state, Communicator ranks, Timeline timeline) {
        this.replica = replica;
        this.ranks = ranks;
        this.timeline = timeline;
        INDArray gradients = replica.gradients();
        int stateElements = layout.blocks().stream()
                .mapToInt(block -> block.parameters() * block.vectors())
                .sum();
        List<UpdaterBlock> blocks = replica.replaceUpdater(this, stateElements);
        Slices slices = layout.slices();
        long from = slices.from(ranks.rank());
        long to = slices.to(ranks.rank());
        whole = ArrayMemory.tensor(gradients);
        slice = whole.columns(from, to);
        for (StateLayout.Part part : layout.parts(ranks.rank())) {
            owned.add(new OwnedBlock(
                    blocks.get(part.block()), part, state, replica.model().params(), gradients));
        }
        List<long[]> means = new ArrayList<>();
        for (UpdaterBlock block : blocks) {
            block.getLayersAndVariablesInBlock().forEach(variable -> sort(variable, from, to, gradients, means));
        }
        ownMeans = means.stream()
                .map(span -> OwnedBlock.range(gradients, span[0], span[1]))
                .toList();
        norms = new GradientNorms(blocks, from, to, gradients);
        scalars = Nd4j.create(DataType.FLOAT, 1, 1 + norms.count());
        scalarsTensor = ArrayMemory.tensor(scalars);
    }

    /** Adds what of a parameter array's gradients is a mean and this rank's, in as few pieces as possible. */
    private void sort(UpdaterBlock.ParamState variable, long from, long to, INDArray gradients, List<long[]> means) {
        if (!variable.getLayer().updaterDivideByMinibatch(variable.getParamName())) {
            estimates.add(OwnedBlock.range(gradients, variable.getParamOffsetStart(), variable.getParamOffsetEnd()));
            return;
        }
        long first = Math.max(from, variable.getParamOffsetStart());
        long end = Math.min(to, variable.getParamOffsetEnd());
        if (first < end) {
            if (!means.isEmpty() && means.get(means.size() - 1)[1] == first) {
                means.get(means.size() - 1)[1] = end;
            } else {
                means.add(new long[] {first, end});
            }
        }
    }

    /**
     * Says whose examples the next step's gradients are from.
     *
     * @param own this rank's; 0: its gradients do not count
     * @param all all ranks'
     */
    void count(int own, int all) {
        ownExamples = own;
        allExamples = all;
    }

    /** How often it ran. */
    int runs() {
        return runs;
    }

    @Override
    public void run(int iteration, int epoch, LayerWorkspaceMgr workspaces) {
        INDArray gradients = replica.gradients();
        double weight = (double) ownExamples / allExamples;
        if (ownExamples == 0) {
            gradients.assign(0);
        } else {
            estimates.forEach(estimate -> estimate.muli(weight));
        }
        timeline.time(Phase.EXCHANGE, () -> ranks.reduceScatter(whole, slice));
        if (replica.averagesExamples()) {
            ownMeans.forEach(mean -> mean.divi(allExamples));
        }
        // Not the product: the score of a rank without examples may be anything.
        double score = ownExamples == 0 ? 0 : replica.model().score() * weight;
        replica.setScore(shareScalars(score));
        norms.clip();
        try (MemoryWorkspace scope = workspaces.notifyScopeEntered(ArrayType.UPDATER_WORKING_MEM)) {
            owned.forEach(block -> block.update(iteration, epoch));
        }
        timeline.time(Phase.EXCHANGE, () -> ranks.allGather(slice, whole));
        runs++;
    }

    /** Adds up scores and squares of all ranks, and scales by the norms. @return the score of all examples */
    private double shareScalars(double score) {
        scalars.putScalar(0, score);
        for (int norm = 0; norm < norms.count(); norm++) {
            scalars.putScalar(1 + norm, norms.squares(norm));
        }
        timeline.time(Phase.EXCHANGE, () -> ranks.allReduce(scalarsTensor));
        for (int norm = 0; norm < norms.count(); norm++) {
            norms.scale(norm, Math.sqrt(scalars.getDouble(1 + norm)));
        }
        return scalars.getDouble(0);
    }
}
