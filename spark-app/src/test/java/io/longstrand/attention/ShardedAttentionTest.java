package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.mesh.Positions;
import io.longstrand.mesh.SequenceCut;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention shard of queries by shard of keys against attention over the whole sequence. */
class ShardedAttentionTest {
    private static final Offset<Double> TOLERANCE = Offset.offset(2e-5);
    private static final TileSize TILE = new TileSize(48, 64);
    private static final AttentionShape GROUPED = new AttentionShape(4, 2, 8);
    private static final int LENGTH = 373;
    /** Tokens of each of the two sequences; the second is padded. */
    private static final int[] REAL = {LENGTH, 250};

    /** A mask with holes, and with queries that see nothing. */
    private static final CustomMask HOLES = (query, key, documentStart) ->
            key <= query && key >= documentStart && (query - key) % 3 != 1 && query % 5 != 4;

    private static final Map<String, Masking> MASKS = Map.of(
            "causal", new MaskRule.Causal(),
            "document", new MaskRule.Document(),
            "window", new MaskRule.Window(70),
            "document on host", new HostMasking(new MaskRule.Document(), 1 << 14),
            "window on host", new HostMasking(new MaskRule.Window(70), 0),
            "custom", CustomMasking.of(HOLES, "rule", 1 << 14));

    static Stream<Arguments> cases() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted()
                        .flatMap(backend -> MASKS.keySet().stream().sorted().map(mask -> Arguments.of(backend, mask)));
    }

    private static int[] documents(int real) {
        int[] starts = new int[real];
        Arrays.fill(starts, 90, real, 90);
        Arrays.fill(starts, 240, real, 240);
        return starts;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shards_joined_by_their_log_sum_exp_equal_the_whole_sequence(String backend, String mask) {
        try (AttentionBench whole = new AttentionBench(
                backend, 1, GROUPED, TILE, MASKS.get(mask), LENGTH, documents(REAL[0]), documents(REAL[1]))) {
            whole.run();
            for (int ranks : new int[] {2, 3}) {
                SequenceCut cut = new SequenceCut(LENGTH, ranks, 1);
                long pairs = 0;
                double[][] keyGradient = new double[2 * cut.padded()][16];
                double[][] valueGradient = new double[2 * cut.padded()][16];
                for (int shard = 0; shard < ranks; shard++) {
                    try (Shard rank = new Shard(backend, MASKS.get(mask), cut, shard, whole)) {
                        rank.run();
                        pairs += rank.mask.pairs();
                        rank.equal("out", rank.out, whole.out());
                        rank.equal("query gradient", rank.queryGradient, whole.queryGradient());
                        rank.addKeys(keyGradient, rank.keyGradients);
                        rank.addKeys(valueGradient, rank.valueGradients);
                    }
                }
                assertThat(pairs).isEqualTo(whole.mask().pairs());
                equal("key gradient", cut, keyGradient, whole.keyGradient());
                equal("value gradient", cut, valueGradient, whole.valueGradient());
            }
        }
    }

    /** One rank's queries over all shards of keys. */
    private static final class Shard implements AutoCloseable {
        private static final long BUDGET = 32L << 20;

        private final SequenceCut cut;
        private final int shard;
        private final Backend backend;
        private final Arena device;
        private final Arena host;
        private final AttentionMask mask;
        private final FlashAttention attention;
        private final AttentionBench whole;
        private final double[][][] keyGradients;
        private final double[][][] valueGradients;
        private double[][] out;
        private double[][] queryGradient;

        private Shard(String backendName, Masking masking, SequenceCut cut, int shard, AttentionBench whole) {
            this.cut = cut;
            this.shard = shard;
            this.whole = whole;
            backend = new Backends().open(backendName, new BackendProvider.Options(1));
            device = new Arena(backend, Place.DEVICE, BUDGET);
            host = new Arena(backend, Place.HOST, BUDGET);
            mask = masking.take(backend, device, host, TILE, 2, cut, shard);
            attention = new FlashAttention(backend.kernels(), device, GROUPED, TILE, DataType.FLOAT32);
            keyGradients = new double[cut.context()][][];
            valueGradients = new double[cut.context()][][];
        }

        private void run() {
            mask.put(0, documents(REAL[0]));
            mask.put(1, documents(REAL[1]));
            mask.send();
            Tensor query = rows(whole.query(), shard);
            Tensor outGradient = rows(whole.outGradient(), shard);
            Tensor result = device.allocate("test", DataType.FLOAT32, query.rows(), query.columns());
            Tensor log = device.allocate("test", DataType.FLOAT32, 4, query.rows());
            Tensor delta = device.allocate("test", DataType.FLOAT32, 4, query.rows());
            Tensor ofQuery = device.allocate("test", DataType.FLOAT32, query.rows(), query.columns());
            for (int step = 0; step < cut.context(); step++) {
                int owner = (shard + step) % cut.context();
                attention.forwardBlock(
                        new Attention.Tensors(query, rows(whole.key(), owner), rows(whole.value(), owner), result, log),
                        mask.block(owner),
                        step > 0);
            }
            new OutputDots(backend.kernels(), GROUPED).run(result, outGradient, delta);
            backend.kernels().fill(ofQuery, 0);
            for (int owner = 0; owner < cut.context(); owner++) {
                Tensor key = rows(whole.key(), owner);
                Tensor value = rows(whole.value(), owner);
                Attention.TensorGradients gradients = new Attention.TensorGradients(
                        outGradient,
                        ofQuery,
                        device.allocate("test", DataType.FLOAT32, key.rows(), key.columns()),
                        device.allocate("test", DataType.FLOAT32, key.rows(), key.columns()));
                attention.backwardBlock(
                        new Attention.Tensors(query, key, value, result, log), delta, gradients, mask.block(owner));
                keyGradients[owner] = read(gradients.key());
                valueGradients[owner] = read(gradients.value());
            }
            out = read(result);
            queryGradient = read(ofQuery);
        }

        /** The rows of a shard, 0 behind the end of the sequence. */
        private Tensor rows(double[][] all, int owner) {
            Positions positions = cut.shard(owner);
            int columns = all[0].length;
            Tensor values = host.allocate("test", DataType.FLOAT32, 2L * cut.shard(), columns);
            FloatBuffer buffer = values.hostBytes().asFloatBuffer();
            for (int sequence = 0; sequence < 2; sequence++) {
                for (int index = 0; index < cut.shard(); index++) {
                    int position = positions.at(index);
                    for (int column = 0; column < columns; column++) {
                        buffer.put(position < LENGTH ? (float) all[sequence * LENGTH + position][column] : 0);
                    }
                }
            }
            Tensor tensor = device.allocate("test", DataType.FLOAT32, values.rows(), columns);
            backend.kernels().copy(values, tensor);
            backend.synchronize();
            return tensor;
        }

        private double[][] read(Tensor tensor) {
            Tensor received = host.allocate("test", DataType.FLOAT32, tensor.rows(), tensor.columns());
            backend.kernels().copy(tensor, received);
            backend.synchronize();
            FloatBuffer buffer = received.hostBytes().asFloatBuffer();
            double[][] values = new double[(int) tensor.rows()][(int) tensor.columns()];
            for (double[] row : values) {
                for (int column = 0; column < row.length; column++) {
                    row[column] = buffer.get();
                }
            }
            return values;
        }

        private void equal(String what, double[][] found, double[][] expected) {
            Positions positions = cut.shard(shard);
            for (int row = 0; row < found.length; row++) {
                int position = positions.at(row % cut.shard());
                if (position < LENGTH) {
                    near(what, found[row], expected[row / cut.shard() * LENGTH + position]);
                }
            }
        }

        private void addKeys(double[][] all, double[][][] ofShards) {
            for (int owner = 0; owner < ofShards.length; owner++) {
                Positions positions = cut.shard(owner);
                for (int row = 0; row < ofShards[owner].length; row++) {
                    double[] sum = all[row / cut.shard() * cut.padded() + positions.at(row % cut.shard())];
                    for (int column = 0; column < sum.length; column++) {
                        sum[column] += ofShards[owner][row][column];
                    }
                }
            }
        }

        @Override
        public void close() {
            host.close();
            device.close();
            backend.close();
        }
    }

    private static void equal(String what, SequenceCut cut, double[][] found, double[][] expected) {
        for (int row = 0; row < expected.length; row++) {
            near(what, found[row / LENGTH * cut.padded() + row % LENGTH], expected[row]);
        }
    }

    private static void near(String what, double[] found, double[] expected) {
        for (int column = 0; column < expected.length; column++) {
            assertThat(found[column]).as(what).isCloseTo(expected[column], TOLERANCE);
        }
    }
}
