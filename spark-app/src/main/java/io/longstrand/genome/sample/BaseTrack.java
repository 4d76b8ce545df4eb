package io.longstrand.genome.sample;

import io.longstrand.genome.sequence.Strand;
import io.longstrand.genome.token.Intervals;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Training regions as a ring of bases, for tokens of one width. A window may begin at any base: the phase it begins in has
 * its own stream. The reverse strand is the forward stream read backwards, token by token.
 */
final class BaseTrack implements Track {
    private final PreparedData data;
    private final Tokenizer tokenizer;
    private final int width;
    private final boolean fixedFrame;
    private final float softMaskWeight;
    private final List<Region> regions;
    private final long[] starts;

    BaseTrack(PreparedData data, List<Region> regions, float softMaskWeight) {
        this.data = data;
        this.tokenizer = data.tokenizer();
        this.width = tokenizer.width();
        this.fixedFrame = tokenizer.phases() == 1;
        this.softMaskWeight = softMaskWeight;
        this.regions = List.copyOf(regions);
        this.starts = new long[regions.size() + 1];
        for (int i = 0; i < regions.size(); i++) {
            starts[i + 1] = starts[i] + regions.get(i).length();
        }
    }

    @Override
    public long units() {
        return starts[regions.size()];
    }

    @Override
    public long unitsPerWindow(int length) {
        return (long) length * width;
    }

    @Override
    public void fill(WindowBuilder window, int length, long first, boolean reverse, long key) {
        int found = Arrays.binarySearch(starts, first);
        int index = found >= 0 ? found : -found - 2;
        long offset = first - starts[index];
        long left = unitsPerWindow(length);
        while (left > 0 && window.room() > 0) {
            Region region = regions.get(index);
            long from = region.start() + offset;
            long to = Math.min(from + left, region.end());
            left -= to - from;
            // Segments lose a few bases to their phase: the last one makes up for it.
            if (reverse) {
                addReverse(window, region, left == 0 ? region.start() : from, to, key);
            } else {
                addForward(window, region, from, left == 0 ? region.end() : to, key);
            }
            index = (index + 1) % regions.size();
            offset = 0;
        }
    }

    private void addForward(WindowBuilder window, Region region, long from, long limit, long key) {
        boolean begin = from == 0;
        long at = from;
        if (fixedFrame) {
            at = (at + width - 1) / width * width;
        } else if (from == region.start()) {
            at += StatelessRandom.below(width, key, region.record(), region.start());
        }
        int inputs = inputs(window, begin, limit - at);
        if (inputs == 0) {
            return;
        }
        boolean label = at + (inputs + 1L) * width <= region.end();
        int[] segment = read(region, at, inputs + (label ? 1 : 0));
        window.add(begin, segment, inputs, 0, weights(region, at, segment.length));
    }

    private void addReverse(WindowBuilder window, Region region, long limit, long to, long key) {
        boolean begin = to == data.manifest().records().get(region.record()).bases();
        long at = to;
        if (fixedFrame) {
            at = at / width * width;
        } else if (to == region.end()) {
            at -= StatelessRandom.below(width, key, region.record(), region.start());
        }
        int inputs = inputs(window, begin, at - limit);
        if (inputs == 0) {
            return;
        }
        boolean label = at - (inputs + 1L) * width >= region.start();
        int count = inputs + (label ? 1 : 0);
        int[] forward = read(region, at - (long) count * width, count);
        float[] weights = weights(region, at - (long) count * width, count);
        int[] segment = new int[count];
        for (int i = 0; i < count; i++) {
            segment[i] = tokenizer.reverseComplement(forward[count - 1 - i]);
        }
        for (int i = 0, j = weights.length - 1; i < j; i++, j--) {
            float swapped = weights[i];
            weights[i] = weights[j];
            weights[j] = swapped;
        }
        window.add(begin, segment, inputs, 0, weights);
    }

    private int inputs(WindowBuilder window, boolean begin, long bases) {
        return (int) Math.max(0, Math.min(window.room() - (begin ? 1 : 0), bases / width));
    }

    private int[] read(Region region, long base, int count) {
        int phase = fixedFrame ? 0 : (int) (base % width);
        int[] tokens = new int[count];
        data.stream(region.record(), Strand.FORWARD, phase).read((base - phase) / width, tokens, 0, count);
        return tokens;
    }

    private float[] weights(Region region, long base, int count) {
        Intervals masked = data.softMasked(region.record());
        if (softMaskWeight == 1 || masked.covered(base, base + (long) count * width) == 0) {
            return new float[0];
        }
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            long start = base + (long) i * width;
            weights[i] = 1 - (1 - softMaskWeight) * masked.covered(start, start + width) / width;
        }
        return weights;
    }
}
