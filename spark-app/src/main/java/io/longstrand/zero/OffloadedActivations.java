package io.longstrand.zero;

import io.longstrand.model.Activations;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Activations of one pass of which two layers are on the device at a time (Rhu et al. 2016, vDNN): even layers share one
 * set of rooms, odd layers the other. Going forward, a layer's leave while the next one computes; going back, the next
 * layer's arrive while one computes. The last two layers stay: the backward pass begins with them.
 */
final class OffloadedActivations implements Activations {
    private static final int TURNS = 2;

    private record Room(int turn, Kept name) {}

    private record Written(int layer, Kept name) {}

    private final Arena device;
    private final int layers;
    private final CopyStream copies;
    private final ActivationStore store;
    private final Map<Room, Tensor> rooms = new HashMap<>();
    /** What must be awaited before a room is used again. */
    private final Map<Room, CopyStream.Event> moving = new HashMap<>();

    private final List<Written> unsent = new ArrayList<>();

    /**
     * @param device where rooms are taken, on top of what is there, until whoever marked it releases it
     * @param layers of the model
     * @param copies the stream of the store
     */
    OffloadedActivations(Arena device, int layers, CopyStream copies, ActivationStore store) {
        this.device = device;
        this.layers = layers;
        this.copies = copies;
        this.store = store;
    }

    /** Layers whose activations leave the device, of so many. */
    static int leaving(int layers) {
        return Math.max(0, layers - TURNS);
    }

    @Override
    public Tensor keep(int layer, Kept name, DataType type, long rows, long columns) {
        Room room = room(layer, name);
        settle(room);
        unsent.add(new Written(layer, name));
        return rooms.computeIfAbsent(room, ignored -> device.allocate(ActivationPlace.OWNER, type, rows, columns));
    }

    @Override
    public void written() {
        for (Written tensor : unsent) {
            if (tensor.layer() < leaving(layers)) {
                Room room = room(tensor.layer(), tensor.name());
                moving.put(room, store.send(tensor.layer(), tensor.name(), rooms.get(room)));
            }
        }
        unsent.clear();
    }

    @Override
    public Tensor take(int layer, Kept name) {
        Room room = room(layer, name);
        settle(room);
        Tensor tensor = rooms.get(room);
        if (tensor == null) {
            throw new IllegalStateException("layer " + layer + " kept no " + name);
        }
        return tensor;
    }

    @Override
    public void done(int layer) {
        int next = layer - TURNS;
        if (next < 0) {
            return;
        }
        for (Kept name : Kept.values()) {
            Room room = room(next, name);
            if (rooms.containsKey(room)) {
                moving.put(room, store.bring(next, name, rooms.get(room)));
            }
        }
    }

    private void settle(Room room) {
        CopyStream.Event event = moving.remove(room);
        if (event != null) {
            copies.await(event);
        }
    }

    private static Room room(int layer, Kept name) {
        return new Room(layer % TURNS, name);
    }
}
