package io.longstrand.genome.sample;

import io.longstrand.genome.sequence.Strand;
import io.longstrand.genome.token.Intervals;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.TokenStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Training regions as a ring of tokens, for tokens of different widths. Tokens that reach over the edge of a region are
 * left out. The reverse strand has a ring of its own, from the sequences prepare stored for it.
 */
final class TokenTrack implements Track {
    private final PreparedData data;
    private final float softMaskWeight;
    private final Ring forward;
    private final Ring reverse;

    /** Tokens {@code [from, to)} of a stream. */
    private record Piece(TokenStream stream, long from, long to) {}

    private record Ring(List<Piece> pieces, long[] starts) {
        long units() {
            return starts[pieces.size()];
        }
    }

    /** @param bothStrands whether windows of the reverse strand will be asked for */
    TokenTrack(PreparedData data, List<Region> regions, float softMaskWeight, boolean bothStrands) {
        this.data = data;
        this.softMaskWeight = softMaskWeight;
        this.forward = ring(regions, Strand.FORWARD);
        this.reverse = bothStrands ? ring(regions, Strand.REVERSE) : forward;
    }

    @Override
    public long units() {
        // Both rings spell the same bases, in slightly different numbers of tokens.
        return Math.min(forward.units(), reverse.units());
    }

    @Override
    public long unitsPerWindow(int length) {
        return length;
    }

    @Override
    public void fill(WindowBuilder window, int length, long first, boolean backwards, long key) {
        Ring ring = backwards ? reverse : forward;
        int found = Arrays.binarySearch(ring.starts(), first);
        int index = found >= 0 ? found : -found - 2;
        long offset = first - ring.starts()[index];
        while (window.room() > 0) {
            Piece piece = ring.pieces().get(index);
            long from = piece.from() + offset;
            boolean begin = from == 0;
            int inputs = (int) Math.min(window.room() - (begin ? 1 : 0), piece.to() - from);
            int[] segment = new int[inputs + (from + inputs < piece.to() ? 1 : 0)];
            piece.stream().read(from, segment, 0, segment.length);
            window.add(begin, segment, inputs, 0, weights(piece.stream(), from, segment));
            index = (index + 1) % ring.pieces().size();
            offset = 0;
        }
    }

    private Ring ring(List<Region> regions, Strand strand) {
        List<Piece> pieces = new ArrayList<>();
        for (Region region : regions) {
            TokenStream stream = data.stream(region.record(), strand, 0);
            long bases = data.manifest().records().get(region.record()).bases();
            long start = strand == Strand.FORWARD ? region.start() : bases - region.end();
            long end = strand == Strand.FORWARD ? region.end() : bases - region.start();
            long from = stream.tokenAt(start);
            long to = stream.tokenAt(end);
            if (to > from && stream.base(to) > end) {
                to--;
            }
            if (to > from) {
                pieces.add(new Piece(stream, from, to));
            }
        }
        long[] starts = new long[pieces.size() + 1];
        for (int i = 0; i < pieces.size(); i++) {
            starts[i + 1] = starts[i] + pieces.get(i).to() - pieces.get(i).from();
        }
        return new Ring(pieces, starts);
    }

    private float[] weights(TokenStream stream, long from, int[] segment) {
        Intervals masked = data.softMasked(stream.record());
        if (softMaskWeight == 1 || masked.size() == 0) {
            return new float[0];
        }
        long bases = data.manifest().records().get(stream.record()).bases();
        long at = stream.base(from);
        float[] weights = new float[segment.length];
        for (int i = 0; i < segment.length; i++) {
            int width = data.tokenizer().bases(segment[i]);
            long start = stream.strand() == Strand.FORWARD ? at : bases - at - width;
            weights[i] = width == 0 ? 1 : 1 - (1 - softMaskWeight) * masked.covered(start, start + width) / width;
            at += width;
        }
        return weights;
    }
}
