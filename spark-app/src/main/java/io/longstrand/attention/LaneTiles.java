package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The masks of one lane: while it works on a tile, the next one is made in host memory, if it is not kept there, and
 * copied to the other of two buffers on the device, on a stream of the lane's own. A stream may have the lane itself
 * make a small copy: then the lane stands still for it.
 */
final class LaneTiles {
    private static final int BUFFERS = 2;

    /** Room for one tile in both places. */
    private static final class Buffer {
        private final Tensor host; // (1, words of the largest tile)
        private final Tensor device;
        private IntBuffer words;
        private CopyStream.Event arrived;

        private Buffer(Tensor host, Tensor device) {
            this.host = host;
            this.device = device;
        }

        /** On the stream's thread, so one tile after the other. */
        private void make(MaskPattern pattern, ScoreTile tile, MaskMeter meter) {
            if (words == null) {
                words = host.hostBytes().asIntBuffer();
            }
            meter.tile(() -> pattern.write(tile, words));
        }
    }

    private final CopyStream copies;
    private final KeptTiles kept;
    private final MaskMeter meter;
    private final List<Buffer> buffers = new ArrayList<>();
    private long expected;
    private long given;

    /**
     * Takes the buffers.
     *
     * @param words of the largest tile
     */
    LaneTiles(CopyStream copies, Arena device, Arena host, long words, KeptTiles kept, MaskMeter meter) {
        this.copies = copies;
        this.kept = kept;
        this.meter = meter;
        for (int number = 0; number < BUFFERS; number++) {
            buffers.add(new Buffer(
                    host.allocate(AttentionMask.OWNER, DataType.INT32, 1, words),
                    device.allocate(AttentionMask.OWNER, DataType.INT32, 1, words)));
        }
    }

    /** See {@link TileMasks#expect}. */
    void expect(MaskPattern pattern, ScoreTile tile) {
        Buffer buffer = buffers.get((int) (expected++ % BUFFERS));
        KeptTiles.Slot slot = kept.slot(pattern, tile);
        if (slot == null) {
            copies.run(() -> buffer.make(pattern, tile, meter));
        } else if (!slot.made()) {
            copies.run(() -> slot.make(pattern, tile, meter));
        }
        Tensor from = slot == null ? buffer.host : slot.room();
        // The buffer is free when the lane is done with the tile before the one at hand.
        meter.waiting(() -> buffer.arrived = copies.copy(bits(from, tile), bits(buffer.device, tile)));
        meter.moved(bits(from, tile).bytes());
    }

    /** See {@link TileMasks#mask}. */
    TileMask mask(ScoreTile tile) {
        Buffer buffer = buffers.get((int) (given++ % BUFFERS));
        meter.waiting(() -> copies.await(buffer.arrived));
        return new TileMask.Bits(bits(buffer.device, tile));
    }

    /** The part of a buffer that holds a tile: INT32 (queries, words of a row). */
    private static Tensor bits(Tensor room, ScoreTile tile) {
        long rows = tile.queries().count();
        long perRow = TileMask.Bits.words(tile.keys());
        return room.columns(0, rows * perRow).reshape(rows, perRow);
    }
}
