package io.longstrand.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.model.MatrixShare;
import io.longstrand.model.Span;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    /** More than one chunk, and no multiple of one. */
    private static final int ELEMENTS = 150_000;

    private static final List<Long> SHAPE = List.of(300L, 500L);
    private static final Progress PROGRESS = new Progress(7, 4096, 1, "digest");

    @TempDir
    Path directory;

    private FileStore store;
    private Backend backend;
    private Arena device;
    private Arena host;
    private Tensor saved;
    private Tensor loaded;

    @BeforeEach
    void open() throws IOException {
        store = FileStore.local();
        backend = new Backends().open("auto", new BackendProvider.Options(1));
        device = new Arena(backend, Place.DEVICE, 4 << 20);
        host = new Arena(backend, Place.HOST, 4 << 20);
        saved = device.allocate("test", DataType.FLOAT32, 1, ELEMENTS);
        loaded = device.allocate("test", DataType.FLOAT32, 1, ELEMENTS);
        Tensor values = host.allocate("test", DataType.FLOAT32, 1, ELEMENTS);
        FloatBuffer buffer = values.hostBytes().asFloatBuffer();
        for (int i = 0; i < ELEMENTS; i++) {
            buffer.put(i * 0.5f);
        }
        backend.kernels().copy(values, saved);
        backend.kernels().fill(loaded, -1);
    }

    @AfterEach
    void close() {
        host.close();
        device.close();
        backend.close();
    }

    @Test
    void a_tensor_saved_in_pieces_loads_in_any_other_pieces() throws IOException {
        save(List.of(piece(saved, 0, 70_001), piece(saved, 70_001, ELEMENTS)));

        Checkpoint checkpoint = Checkpoint.open(store, directory + "/checkpoints/step-7");
        checkpoint.load(
                List.of(piece(loaded, 0, 3), piece(loaded, 3, 140_000), piece(loaded, 140_000, ELEMENTS)),
                backend,
                host);

        assertThat(checkpoint.progress()).isEqualTo(PROGRESS);
        assertThat(values(loaded)).isEqualTo(values(saved));
    }

    @Test
    void shares_of_several_ranks_load_as_a_whole_and_as_other_shares() throws IOException {
        // Columns 0 to 200 and 250 to 300, and all others, of 300 rows: the second one in two pieces.
        List<Span> rows = List.of(new Span(0, 300));
        MatrixShare some = new MatrixShare(300, 500, rows, List.of(new Span(0, 200), new Span(250, 300)));
        MatrixShare others = new MatrixShare(300, 500, rows, List.of(new Span(200, 250), new Span(300, 500)));
        Tensor ofSome = device.allocate("test", DataType.FLOAT32, 1, some.elements());
        Tensor ofOthers = device.allocate("test", DataType.FLOAT32, 1, others.elements());
        take(some, ofSome);
        take(others, ofOthers);
        save(List.of(
                new StateTensor("a.weight", SHAPE, others, 0, ofOthers.columns(0, 33_333)),
                new StateTensor("a.weight", SHAPE, some, 0, ofSome),
                new StateTensor("a.weight", SHAPE, others, 33_333, ofOthers.columns(33_333, others.elements()))));
        Checkpoint checkpoint = Checkpoint.open(store, directory + "/checkpoints/step-7");

        checkpoint.load(List.of(piece(loaded, 0, ELEMENTS)), backend, host);
        assertThat(values(loaded)).isEqualTo(values(saved));

        MatrixShare lower = new MatrixShare(300, 500, List.of(new Span(100, 300)), List.of(new Span(100, 280)));
        Tensor expected = device.allocate("test", DataType.FLOAT32, 1, lower.elements());
        Tensor target = device.allocate("test", DataType.FLOAT32, 1, lower.elements());
        take(lower, expected);
        checkpoint.load(List.of(new StateTensor("a.weight", SHAPE, lower, 0, target)), backend, host);
        assertThat(values(target)).isEqualTo(values(expected));
    }

    /** Copies a share of what is saved. */
    private void take(MatrixShare share, Tensor to) {
        share.runs(0, share.elements(), (held, logical, count) -> backend.kernels()
                .copy(saved.columns(logical, logical + count), to.columns(held, held + count)));
    }

    @Test
    void a_tensor_that_is_not_whole_is_refused() throws IOException {
        save(List.of(piece(saved, 0, 70_001)));

        Checkpoint checkpoint = Checkpoint.open(store, directory + "/checkpoints/step-7");

        assertThatThrownBy(() -> checkpoint.load(List.of(piece(loaded, 0, ELEMENTS)), backend, host))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("holds 70001 of the 150000 elements of a.weight");
    }

    @Test
    void a_tensor_of_another_shape_is_refused() throws IOException {
        save(List.of(piece(saved, 0, ELEMENTS)));

        Checkpoint checkpoint = Checkpoint.open(store, directory + "/checkpoints/step-7");

        StateTensor other = new StateTensor("a.weight", List.of(500L, 300L), 0, loaded);
        assertThatThrownBy(() -> checkpoint.load(List.of(other), backend, host))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a.weight has shape [300, 500], the configuration's model has [500, 300]");
    }

    @Test
    void numbers_load_into_another_width_rounded() throws IOException {
        save(List.of(piece(saved, 0, ELEMENTS)));
        Tensor narrow = device.allocate("test", DataType.BFLOAT16, 1, ELEMENTS);
        backend.kernels().copy(saved, narrow);
        float[] rounded = values(narrow);
        backend.kernels().fill(narrow, 0);

        Checkpoint checkpoint = Checkpoint.open(store, directory + "/checkpoints/step-7");
        checkpoint.load(List.of(piece(narrow, 0, 70_001), piece(narrow, 70_001, ELEMENTS)), backend, host);

        assertThat(values(narrow)).isEqualTo(rounded);
        assertThat(rounded[100_001]).isEqualTo(49_920f).isNotEqualTo(values(saved)[100_001]);
    }

    @Test
    void integers_do_not_load_into_numbers() throws IOException {
        save(List.of(piece(device.allocate("test", DataType.INT32, 1, ELEMENTS), 0, ELEMENTS)));

        Checkpoint checkpoint = Checkpoint.open(store, directory + "/checkpoints/step-7");

        assertThatThrownBy(() -> checkpoint.load(List.of(piece(loaded, 0, ELEMENTS)), backend, host))
                .isInstanceOf(UserError.class)
                .hasMessageEndingWith("tensor a.weight has type I32, where numbers for FLOAT32 belong");
    }

    private void save(List<StateTensor> tensors) throws IOException {
        new Checkpoints(store, new RunDirectory(directory.toString()), 1, CheckpointRanks.alone())
                .save(PROGRESS, tensors, List.of(), backend, host);
    }

    private static StateTensor piece(Tensor flat, int from, int to) {
        return new StateTensor("a.weight", SHAPE, from, flat.columns(from, to));
    }

    private float[] values(Tensor tensor) {
        Arena.Mark mark = host.mark();
        Tensor copy = host.allocate("test", DataType.FLOAT32, 1, tensor.elements());
        backend.kernels().copy(tensor, copy);
        backend.synchronize();
        float[] values = new float[(int) tensor.elements()];
        copy.hostBytes().asFloatBuffer().get(values);
        host.release(mark);
        return values;
    }
}
