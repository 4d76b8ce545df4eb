package io.longstrand.genome.sample;

import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.Strand;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.TokenStream;
import io.longstrand.genome.token.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * The held-out bases as windows of S tokens that overlap by half. Only the last half of a window is scored, so every
 * held-out token is scored once, with at least half a window before it; the first windows take theirs from the bases in
 * front of the held-out part, or begin where the record does. All weights are 1. Safe to share between threads.
 */
public final class ValidationWindows {
    private final Tokenizer tokenizer;
    private final int length;
    private final List<Target> targets;
    private final long[] starts;

    /** Held-out tokens {@code [from, to)} of a stream. */
    private record Target(TokenStream stream, long from, long to) {}

    /**
     * @param length S, in tokens, at least 2
     * @throws UserError when nothing is held out
     */
    public ValidationWindows(PreparedData data, int length) {
        if (length < 2) {
            throw new UserError("data.sequence-length = " + length + " leaves no context; it must be at least 2");
        }
        this.tokenizer = data.tokenizer();
        this.length = length;
        this.targets = new ArrayList<>();
        for (Region region : data.manifest().split().heldOut()) {
            Target target = target(data, region);
            if (target.to() > target.from()) {
                targets.add(target);
            }
        }
        this.starts = new long[targets.size() + 1];
        int half = length / 2;
        for (int i = 0; i < targets.size(); i++) {
            starts[i + 1] = starts[i] + (targets.get(i).to() - targets.get(i).from() + half - 1) / half;
        }
        if (targets.isEmpty()) {
            throw new UserError("the split holds out no whole token; data.split must leave some bases for validation");
        }
    }

    /** @return number of windows */
    public long count() {
        return starts[targets.size()];
    }

    /**
     * The bases that are scored, unknown ones included: the held-out regions without the fraction of a token that may be
     * left over where a whole record is held out.
     */
    public List<Region> scoredRegions() {
        List<Region> regions = new ArrayList<>();
        for (Target target : targets) {
            regions.add(new Region(
                    target.stream().record(),
                    target.stream().base(target.from()),
                    target.stream().base(target.to())));
        }
        return regions;
    }

    /** @param index from 0 to {@link #count()} - 1 */
    public Window window(long index) {
        if (index < 0 || index >= count()) {
            throw new IndexOutOfBoundsException(index + " of " + count());
        }
        int found = java.util.Arrays.binarySearch(starts, index);
        int at = found >= 0 ? found : -found - 2;
        Target target = targets.get(at);
        long from = target.from() + (index - starts[at]) * (length / 2);
        long to = Math.min(target.to(), from + length / 2);
        // Inputs end one before the last scored token; position -1 is the begin token in front of the record.
        long first = Math.max(-1, to - 1 - length);
        boolean begin = first == -1;
        long firstToken = Math.max(0, first);
        int[] segment = new int[(int) (to - firstToken)];
        target.stream().read(firstToken, segment, 0, segment.length);
        WindowBuilder window = new WindowBuilder(tokenizer, length);
        window.add(begin, segment, segment.length - 1, (int) (from - firstToken), new float[0]);
        return window.build();
    }

    private static Target target(PreparedData data, Region region) {
        Tokenizer tokenizer = data.tokenizer();
        boolean anyPhase = tokenizer.phases() > 1;
        int phase = anyPhase ? (int) (region.start() % tokenizer.width()) : 0;
        TokenStream stream = data.stream(region.record(), Strand.FORWARD, phase);
        long from = stream.tokenAt(region.start());
        if (tokenizer.width() == 0 && stream.base(from) > region.start()) {
            from--; // the token over the edge: training leaves it out, so it is scored here
        }
        long to = stream.tokenAt(region.end());
        if (to > from && stream.base(to) > region.end()) {
            to--;
        }
        return new Target(stream, from, to);
    }
}
