package io.longstrand.attention;

import io.longstrand.config.UserError;
import io.longstrand.mesh.Positions;
import io.longstrand.mesh.SequenceCut;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** Masks of a user's own, from a class or from a file; always made on the host. */
public final class CustomMasking implements Masking {
    private final IntFunction<PairSource> source;
    private final IntConsumer check;
    private final long keptBytes;

    private CustomMasking(IntFunction<PairSource> source, IntConsumer check, long keptBytes) {
        this.source = source;
        this.check = check;
        this.keptBytes = keptBytes;
    }

    /**
     * Of a rule.
     *
     * @param setting {@code key = value} that named it, for messages
     * @param keptBytes host memory for tiles that are kept, at most
     */
    public static CustomMasking of(CustomMask mask, String setting, long keptBytes) {
        return new CustomMasking(length -> new AskedPairs(mask, setting), length -> {}, keptBytes);
    }

    /**
     * Of a class on the class path.
     *
     * @param className {@code attention.mask.rule}
     * @throws UserError when there is no such class or it is no mask
     */
    public static CustomMasking ofClass(String className, long keptBytes) {
        String setting = "attention.mask.rule = " + className;
        return of(new MaskLoader(setting).load(className), setting, keptBytes);
    }

    /**
     * Of a file, which is opened when the first sequence is put.
     *
     * @param file {@code attention.mask.file}
     */
    public static CustomMasking ofFile(FileStore store, String file, long keptBytes) {
        return new CustomMasking(
                length -> new FilePairs(store, file, length),
                length -> FilePairs.check(store, file, length),
                keptBytes);
    }

    @Override
    public void check(int length) {
        check.accept(length);
    }

    @Override
    public AttentionMask take(
            Backend backend, Arena device, Arena host, TileSize tile, int sequences, SequenceCut cut, int shard) {
        return new HostTiles(
                backend,
                device,
                host,
                new Opened(tile, cut.length()),
                new MaskRule.Causal(),
                tile,
                sequences,
                cut,
                shard,
                (long) tile.queryTiles(cut.shard()) * tile.keyTiles(cut.shard()),
                keptBytes);
    }

    /** The source of one mask, opened when it is first needed: a rehearsal may be of a length that no file has. */
    private final class Opened implements MaskPatterns {
        private final TileSize tile;
        /** Tokens of a sequence, without padding: a file holds no more. */
        private final int length;

        private PairSource pairs;

        private Opened(TileSize tile, int length) {
            this.tile = tile;
            this.length = length;
        }

        @Override
        public MaskPattern of(int[] documentStart, Positions queries, Positions keys) {
            if (pairs == null) {
                pairs = source.apply(length);
            }
            return new CustomPattern(pairs, documentStart, tile, queries, keys);
        }

        @Override
        public void close() {
            if (pairs != null) {
                pairs.close();
            }
        }
    }
}
