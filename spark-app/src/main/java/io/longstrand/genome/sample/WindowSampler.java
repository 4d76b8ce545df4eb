package io.longstrand.genome.sample;

import io.longstrand.config.UserError;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.ReverseStrand;
import java.util.List;

/**
 * Training window n, for any n, without reading the ones before it. An epoch tiles the training bases, a ring of all
 * training regions, from a start that depends on the seed and the epoch; the order of the tiles is a keyed permutation
 * and the strand of each a hash. So a run resumes at any window by arithmetic, and the windows do not depend on how many
 * workers ask for them. Windows that reach over a region's end are packed from segments. Safe to share between threads.
 */
public final class WindowSampler {
    private static final int START = 1;
    private static final int ORDER = 2;
    private static final int STRAND = 3;
    private static final int PHASE = 4;

    private final PreparedData data;
    private final SamplingSettings settings;
    private final Track track;
    private final long windowsPerEpoch;

    /** @throws UserError when a window is longer than the training data, or the tokeniser has no reverse strand */
    public WindowSampler(PreparedData data, SamplingSettings settings) {
        this.data = data;
        this.settings = settings;
        if (settings.reverseComplement() && data.tokenizer().reverseStrand() == ReverseStrand.NONE) {
            throw new UserError("data.reverse-complement = true, but tokenizer "
                    + data.tokenizer().description().name() + " reads coding strands only; set it to false");
        }
        List<Region> regions = TrainingRegions.of(data.manifest());
        this.track = data.tokenizer().width() > 0
                ? new BaseTrack(data, regions, settings.softMaskWeight())
                : new TokenTrack(data, regions, settings.softMaskWeight(), settings.reverseComplement());
        this.windowsPerEpoch = track.units() / track.unitsPerWindow(settings.sequenceLength());
        if (windowsPerEpoch == 0) {
            long longest = track.units() / track.unitsPerWindow(1);
            throw new UserError("data.sequence-length = " + settings.sequenceLength()
                    + " is longer than the training data, which makes " + longest + " tokens; it can be at most "
                    + longest);
        }
    }

    /** @return windows after which every training base has been seen about once */
    public long windowsPerEpoch() {
        return windowsPerEpoch;
    }

    /** @param number of the window over the whole run, from 0: epoch {@code number / windowsPerEpoch()} */
    public Window window(long number) {
        long epoch = number / windowsPerEpoch;
        long index = number % windowsPerEpoch;
        long seed = settings.seed();
        long tile = new KeyedPermutation(windowsPerEpoch, seed, ORDER, epoch).apply(index);
        long start = StatelessRandom.below(track.units(), seed, START, epoch);
        long first = (start + tile * track.unitsPerWindow(settings.sequenceLength())) % track.units();
        boolean reverse = settings.reverseComplement() && (StatelessRandom.bits(seed, STRAND, epoch, index) & 1) == 1;
        WindowBuilder window = new WindowBuilder(data.tokenizer(), settings.sequenceLength());
        track.fill(window, settings.sequenceLength(), first, reverse, StatelessRandom.bits(seed, PHASE, epoch, index));
        return window.build();
    }
}
