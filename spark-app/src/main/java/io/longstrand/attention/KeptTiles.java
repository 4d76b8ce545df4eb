package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Bit-packed tiles kept in host memory for the other heads and layers and for the backward pass. Who comes first is
 * kept: passes go through all tiles in turn, so throwing out the oldest would throw out each just before it is needed.
 */
final class KeptTiles {
    /** Which tile of which pattern. */
    private record Name(MaskPattern pattern, int queryTile, int from) {}

    /** Room for one tile, filled by whoever comes first. */
    static final class Slot {
        private final Tensor room; // (1, words of the largest tile)
        private IntBuffer words;
        private volatile boolean made;

        private Slot(Tensor room) {
            this.room = room;
        }

        boolean made() {
            return made;
        }

        /** Writes the tile unless somebody did; somebody who is about to is waited for. */
        synchronized void make(MaskPattern pattern, ScoreTile tile, MaskMeter meter) {
            if (!made) {
                if (words == null) {
                    words = room.hostBytes().asIntBuffer();
                }
                meter.tile(() -> pattern.write(tile, words));
                made = true;
            }
        }

        Tensor room() {
            return room;
        }
    }

    private final Tensor all;
    private final long words;
    private long untouched;
    private final Deque<Slot> free = new ArrayDeque<>();
    private final Map<Name, Slot> taken = new HashMap<>();

    /**
     * Takes room.
     *
     * @param slots how many tiles
     * @param words of the largest tile
     */
    KeptTiles(Arena host, long slots, long words) {
        this.words = words;
        all = host.allocate(AttentionMask.OWNER, DataType.INT32, 1, slots * words);
    }

    /** Where a tile is or will be kept; null when there is no room for it. */
    synchronized Slot slot(MaskPattern pattern, ScoreTile tile) {
        Name name = new Name(pattern, tile.queries().index(), tile.from());
        Slot slot = taken.get(name);
        if (slot == null) {
            slot = free.isEmpty() ? untouched() : free.poll();
            if (slot != null) {
                taken.put(name, slot);
            }
        }
        return slot;
    }

    private Slot untouched() {
        if (untouched == all.columns()) {
            return null;
        }
        untouched += words;
        return new Slot(all.columns(untouched - words, untouched));
    }

    /** Gives back the room of a pattern's tiles. Nobody may be using them. */
    synchronized void forget(MaskPattern pattern) {
        taken.entrySet().removeIf(entry -> {
            if (entry.getKey().pattern() != pattern) {
                return false;
            }
            Slot slot = entry.getValue();
            slot.made = false;
            free.add(slot);
            return true;
        });
    }
}
