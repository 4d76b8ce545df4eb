package io.longstrand.model;

import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.MaskWork;
import io.longstrand.mesh.Positions;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * This rank's tokens of the sequences of one micro-batch on the device, and what they lost. The buffers are taken once and
 * used for every micro-batch: {@link #put} every sequence, {@link #send}, run the model, read the losses.
 */
public final class Batch {
    private static final String OWNER = "batch";

    /** A label that asks for nothing: its loss and its gradient are 0. */
    public static final int NO_LABEL = Kernels.NO_LABEL;

    /** As many ids as any vocabulary may have. */
    private static final Span EVERY_ID = new Span(0, Integer.MAX_VALUE);

    private final Backend backend;
    private final int sequences;
    private final Positions part;
    private final int length;
    private final AttentionMask mask;
    private final Span vocabulary;
    private final Tensor hostTokens;
    private final Tensor hostLabels;
    private final Tensor hostWeights;
    private final Tensor hostPositions;
    private final Tensor hostLosses;
    private final Tensor tokens;
    private final Tensor labels;
    private final Tensor weights;
    private final Tensor positions;
    private final Tensor losses;
    private final Tensor hostRows;
    private final Tensor rows;

    /** For a rank that has the whole vocabulary, and whole sequences. */
    public Batch(Backend backend, Arena device, Arena host, AttentionMask mask) {
        this(backend, device, host, mask, EVERY_ID);
    }

    /** For a rank that has whole sequences. */
    public Batch(Backend backend, Arena device, Arena host, AttentionMask mask, Span vocabulary) {
        this(backend, device, host, mask, mask.cut().shard(0), vocabulary);
    }

    /** For a rank that has the whole vocabulary. */
    public Batch(Backend backend, Arena device, Arena host, AttentionMask mask, Positions part) {
        this(backend, device, host, mask, part, EVERY_ID);
    }

    /**
     * Takes the buffers.
     *
     * @param device 20 bytes a token; 24 where a rank has part of each sequence
     * @param host the same
     * @param mask which keys a query sees; of as many sequences as the batch has
     * @param part positions of each sequence that this rank has
     * @param vocabulary token ids of which this rank has embedding and logits
     */
    public Batch(Backend backend, Arena device, Arena host, AttentionMask mask, Positions part, Span vocabulary) {
        this.backend = backend;
        this.vocabulary = vocabulary;
        this.mask = mask;
        this.sequences = mask.sequences();
        this.part = part;
        this.length = part.count();
        hostTokens = host.allocate(OWNER, DataType.INT32, 1, tokenCount());
        hostLabels = host.allocate(OWNER, DataType.INT32, 1, tokenCount());
        hostWeights = host.allocate(OWNER, DataType.FLOAT32, 1, tokenCount());
        hostPositions = host.allocate(OWNER, DataType.INT32, 1, tokenCount());
        hostLosses = host.allocate(OWNER, DataType.FLOAT32, 1, tokenCount());
        tokens = device.allocate(OWNER, DataType.INT32, 1, tokenCount());
        labels = device.allocate(OWNER, DataType.INT32, 1, tokenCount());
        weights = device.allocate(OWNER, DataType.FLOAT32, 1, tokenCount());
        positions = device.allocate(OWNER, DataType.INT32, 1, tokenCount());
        losses = device.allocate(OWNER, DataType.FLOAT32, 1, tokenCount());
        boolean whole = part.equals(Positions.whole(mask.cut().length()));
        hostRows = whole ? hostPositions : host.allocate(OWNER, DataType.INT32, 1, tokenCount());
        rows = whole ? positions : device.allocate(OWNER, DataType.INT32, 1, tokenCount());
    }

    /** Sequences of the batch. */
    public int sequences() {
        return sequences;
    }

    /** Tokens of one sequence that this rank has. */
    public int length() {
        return length;
    }

    /** Tokens of the batch that this rank has. */
    public long tokenCount() {
        return (long) sequences * length;
    }

    /**
     * Writes this rank's tokens of one sequence. Shorter ones are padded with tokens that see nothing, are seen by nothing
     * and have no label.
     *
     * @param sequence its number
     * @param tokenIds of the whole sequence; at most as many ids as it has positions
     * @param labelIds what each token is to predict, or {@link #NO_LABEL}
     * @param labelWeights multiply each token's gradient, not its loss
     * @param documentStart where each token's document starts, counted from the start of the sequence
     */
    public void put(int sequence, int[] tokenIds, int[] labelIds, float[] labelWeights, int[] documentStart) {
        int most = mask.cut().length();
        if (tokenIds.length > most
                || labelIds.length != tokenIds.length
                || labelWeights.length != tokenIds.length
                || documentStart.length != tokenIds.length) {
            throw new IllegalArgumentException(tokenIds.length + " tokens, " + labelIds.length + " labels, "
                    + labelWeights.length + " weights and " + documentStart.length
                    + " document starts for a sequence of " + most);
        }
        IntBuffer tokenBuffer = integers(hostTokens, sequence);
        IntBuffer labelBuffer = integers(hostLabels, sequence);
        FloatBuffer weightBuffer = floats(hostWeights, sequence);
        for (Positions.Run run : part.runs()) {
            int from = Math.min(run.from(), tokenIds.length);
            int to = Math.min(run.to(), tokenIds.length);
            for (int position = from; position < to; position++) {
                int token = tokenIds[position];
                int label = labelIds[position];
                tokenBuffer.put(isHere(token) ? here(token) : Kernels.NO_ENTRY);
                labelBuffer.put(label == NO_LABEL ? NO_LABEL : isHere(label) ? here(label) : Kernels.LABEL_ELSEWHERE);
            }
            weightBuffer.put(labelWeights, from, to - from);
            int padding = run.count() - (to - from);
            int[] noLabels = new int[padding];
            Arrays.fill(noLabels, NO_LABEL);
            tokenBuffer.put(new int[padding]);
            labelBuffer.put(noLabels);
            weightBuffer.put(new float[padding]);
        }
        putPositions(sequence);
        mask.put(sequence, documentStart);
    }

    private void putPositions(int sequence) {
        IntBuffer positionBuffer = integers(hostPositions, sequence);
        IntBuffer rowBuffer = integers(hostRows, sequence);
        for (int index = 0; index < length; index++) {
            // What was added to the sequence until it could be cut has no row in the table.
            positionBuffer.put(part.at(index) < mask.cut().length() ? index : Kernels.NO_ENTRY);
            if (hostRows != hostPositions) {
                rowBuffer.put(index);
            }
        }
    }

    private boolean isHere(int id) {
        return id >= vocabulary.from() && id < vocabulary.to();
    }

    /** The row of this rank's part of the vocabulary that belongs to an id. */
    private int here(int id) {
        return id - (int) vocabulary.from();
    }

    /** Copies everything to the device. */
    public void send() {
        backend.kernels().copy(hostTokens, tokens);
        backend.kernels().copy(hostLabels, labels);
        backend.kernels().copy(hostWeights, weights);
        backend.kernels().copy(hostPositions, positions);
        if (hostRows != hostPositions) {
            backend.kernels().copy(hostRows, rows);
        }
        mask.send();
    }

    /** Adds up what this rank's tokens lost in the last pass, in their order. Waits for the device. */
    public LossSum lossSum() {
        if (!backend.kernels().compute()) {
            backend.kernels().copy(losses, hostLosses);
            return LossSum.ZERO;
        }
        receiveLosses();
        double sum = 0;
        long valid = 0;
        for (int sequence = 0; sequence < sequences; sequence++) {
            FloatBuffer lost = floats(hostLosses, sequence);
            IntBuffer labelled = integers(hostLabels, sequence);
            for (int token = 0; token < length; token++) {
                if (labelled.get(token) != NO_LABEL) {
                    sum += lost.get(token);
                    valid++;
                }
            }
        }
        return new LossSum(sum, valid);
    }

    /**
     * Loss of every token of a sequence that this rank has in the last pass, in nats; 0 where there is no label. Waits for
     * the device.
     */
    public float[] losses(int sequence) {
        float[] lost = new float[length];
        receiveLosses();
        floats(hostLosses, sequence).get(lost);
        return lost;
    }

    /**
     * Visible query–key pairs of one head, over the whole batch; a part of them where ranks share sequences, such that
     * those of all ranks add up. Ranks that share a shard of the ring see the same pairs: the one with its first token
     * counts them.
     */
    public long pairs() {
        boolean first = part.at(0) == mask.cut().shard(mask.shard()).at(0);
        return first ? mask.pairs() : 0;
    }

    /** What the masks of all micro-batches took so far. */
    public MaskWork maskWork() {
        return mask.work();
    }

    private void receiveLosses() {
        backend.kernels().copy(losses, hostLosses);
        backend.synchronize();
    }

    private IntBuffer integers(Tensor all, int sequence) {
        return ofSequence(all, sequence).hostBytes().asIntBuffer();
    }

    private FloatBuffer floats(Tensor all, int sequence) {
        return ofSequence(all, sequence).hostBytes().asFloatBuffer();
    }

    /** A batch may be larger than one window of memory, a sequence may not. */
    private Tensor ofSequence(Tensor all, int sequence) {
        long start = (long) sequence * length;
        return all.columns(start, start + length);
    }

    AttentionMask mask() {
        return mask;
    }

    /** INT32 (1, tokens): rows of this rank's part of the vocabulary, or {@link Kernels#NO_ENTRY}. */
    Tensor tokens() {
        return tokens;
    }

    /**
     * INT32 (1, tokens): rows of this rank's part of the vocabulary, {@link #NO_LABEL} or {@link
     * Kernels#LABEL_ELSEWHERE}.
     */
    public Tensor labels() {
        return labels;
    }

    /** FLOAT32 (1, tokens). */
    public Tensor weights() {
        return weights;
    }

    /** INT32 (1, tokens): rows of this rank's part of the learned position table, or {@link Kernels#NO_ENTRY}. */
    Tensor positions() {
        return positions;
    }

    /** INT32 (1, tokens), counted among this rank's positions. */
    Tensor rows() {
        return rows;
    }

    /** FLOAT32 (1, tokens), written by the head. */
    public Tensor losses() {
        return losses;
    }
}
