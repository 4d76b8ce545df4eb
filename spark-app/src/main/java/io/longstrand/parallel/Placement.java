package io.longstrand.parallel;

import io.longstrand.attention.Attention;
import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.FlashAttention;
import io.longstrand.attention.Masking;
import io.longstrand.attention.ShardAttention;
import io.longstrand.comm.World;
import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Coordinates;
import io.longstrand.mesh.Mesh;
import io.longstrand.mesh.Positions;
import io.longstrand.mesh.SequenceCut;
import io.longstrand.model.Layout;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ModelShare;
import io.longstrand.model.Span;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** How sequences and a model are laid over the mesh, as one rank sees it: what it holds of them and how it attends. */
public final class Placement {
    private final World world;
    private final Mesh mesh;
    private final Coordinates rank;

    /**
     * The place of a rank.
     *
     * @param world its membership
     * @param mesh of as many ranks
     */
    public Placement(World world, Mesh mesh) {
        this.world = world;
        this.mesh = mesh;
        rank = mesh.coordinates(world.rank());
    }

    /** The mesh. */
    public Mesh mesh() {
        return mesh;
    }

    /** How sequences of a length are cut. */
    public SequenceCut cut(int length) {
        return SequenceCut.over(mesh, length);
    }

    /** Positions of a sequence of a length that this rank holds. */
    public Positions part(int length) {
        return cut(length).part(rank);
    }

    /**
     * What this rank has of a model: its part of the matrices that the tensor axis splits, and of the learned position
     * table the rows of its part of the stream.
     *
     * @param length tokens of a sequence
     * @throws io.longstrand.config.UserError when the tensor axis has more ranks than there are token ids
     */
    public ModelShare share(ModelShape shape, int length) {
        if (mesh.context() == 1 && mesh.head() == 1 && mesh.tensor() == 1) {
            return ModelShare.whole(shape);
        }
        List<Span> rows = new ArrayList<>();
        for (Positions.Run run : stream(length).runs()) {
            Positions.Run real = run.within(0, length);
            if (!real.isEmpty()) {
                rows.add(new Span(real.from(), real.to()));
            }
        }
        Set<Axis> over = EnumSet.noneOf(Axis.class);
        for (Axis axis : List.of(Axis.CONTEXT, Axis.HEAD, Axis.TENSOR)) {
            if (mesh.size(axis) > 1) {
                over.add(axis);
            }
        }
        return new ModelShare(shape, rank.tensor(), mesh.tensor(), rows, over);
    }

    /** Positions of which this rank's residual stream has rows. */
    private Positions stream(int length) {
        Positions part = part(length);
        int rows = part.count() / mesh.tensor();
        return part.part(rank.tensor() * rows, (rank.tensor() + 1) * rows);
    }

    /**
     * How a model is laid over the ranks that share its matrices.
     *
     * @param share of {@link #share}
     * @param sequences of a batch
     * @param length tokens of a sequence
     * @param type of activations
     */
    public Layout layout(
            Backend backend, Arena device, Arena host, ModelShare share, int sequences, int length, DataType type) {
        return mesh.tensor() == 1
                ? new SingleDevice(backend.kernels())
                : new TensorLayout(
                        backend,
                        device,
                        host,
                        world.along(mesh, Set.of(Axis.TENSOR)),
                        share,
                        sequences,
                        part(length).count(),
                        type);
    }

    /**
     * Takes what the masks of a batch need.
     *
     * @param form of attention
     * @param sequences of a batch
     * @param length tokens of a sequence
     */
    public AttentionMask mask(
            Masking masking, AttentionForm form, Backend backend, Arena device, Arena host, int sequences, int length) {
        SequenceCut cut = cut(length);
        return masking.take(backend, device, host, form.tile(cut.shard()), sequences, cut, rank.context());
    }

    /**
     * Attention over the ranks that share the sequences: on this device alone, round a ring, by heads, or by heads round
     * rings.
     *
     * @param shape of the heads that are projected here
     * @param mask of {@link #mask}
     * @param type of queries, keys, values and their gradients
     */
    public Attention attention(
            AttentionForm form,
            Backend backend,
            Arena device,
            Arena host,
            AttentionShape shape,
            AttentionMask mask,
            DataType type) {
        if (mesh.context() == 1 && mesh.head() == 1) {
            return form.over(backend.kernels(), device, shape, mask, type);
        }
        if (form != AttentionForm.FLASH) {
            throw new IllegalArgumentException(form + " attention over several ranks");
        }
        AttentionShape ofRank = UlyssesAttention.shapeOfRank(shape, mesh.head());
        ShardAttention inner = mesh.context() == 1
                ? new FlashAttention(backend.kernels(), device, ofRank, mask.tile(), type)
                : new RingAttention(
                        backend, device, host, ofRank, mask.tile(), type, world.along(mesh, Set.of(Axis.CONTEXT)));
        return mesh.head() == 1
                ? inner
                : new UlyssesAttention(backend, device, host, shape, inner, world.along(mesh, Set.of(Axis.HEAD)));
    }
}
