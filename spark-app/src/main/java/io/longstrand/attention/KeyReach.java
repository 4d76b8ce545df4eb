package io.longstrand.attention;

import io.longstrand.mesh.Positions;
import io.longstrand.mesh.Positions.Run;
import io.longstrand.mesh.SequenceCut;
import java.util.ArrayList;
import java.util.List;

/**
 * Which keys of each shard the queries of each other see at all: arithmetic that every rank does alike, so that what
 * nobody needs is not sent, without asking. A rule shows adjacent queries keys without a gap between them, so the keys
 * that the queries of a shard see of another are found from the ends of its runs.
 *
 * <p>Keys are told by rows of a shard, counted over the sequences of the batch: for each sequence and each run of the
 * shard's positions one range, empty where none of it is seen.
 */
public final class KeyReach {
    private final MaskRule rule;
    private final SequenceCut cut;
    private final int[][] documentStarts;

    /** @param rule of which the mask shows nothing more */
    KeyReach(MaskRule rule, SequenceCut cut, int sequences) {
        this.rule = rule;
        this.cut = cut;
        documentStarts = new int[sequences][0];
    }

    void put(int sequence, int[] documentStart) {
        documentStarts[sequence] = documentStart;
    }

    /** All rows of a shard. */
    public List<Run> all(int owner) {
        List<Run> all = new ArrayList<>();
        for (int sequence = 0; sequence < documentStarts.length; sequence++) {
            int row = sequence * cut.shard();
            for (Run run : cut.shard(owner).runs()) {
                all.add(new Run(row, row + run.count()));
                row += run.count();
            }
        }
        return all;
    }

    /**
     * The rows of a shard that queries of another see.
     *
     * @param reader shard of the queries
     * @param owner shard of the keys
     */
    public List<Run> rows(int reader, int owner) {
        List<Run> rows = new ArrayList<>();
        for (int sequence = 0; sequence < documentStarts.length; sequence++) {
            int row = sequence * cut.shard();
            for (Run keys : cut.shard(owner).runs()) {
                Run seen = seen(cut.shard(reader), keys, documentStarts[sequence]);
                int from = row + seen.from() - keys.from();
                rows.add(new Run(from, from + seen.count()));
                row += keys.count();
            }
        }
        return rows;
    }

    /** The keys of a run that some queries see. */
    private Run seen(Positions queries, Run keys, int[] documentStart) {
        Run seen = new Run(keys.from(), keys.from());
        for (Run run : queries.runs()) {
            Run real = run.within(0, documentStart.length);
            if (!real.isEmpty()) {
                int last = real.to() - 1;
                Run more = keys.within(
                        rule.firstKey(real.from(), documentStart[real.from()]), rule.endKey(last, documentStart[last]));
                seen = seen.hull(more);
            }
        }
        return seen;
    }

    /**
     * What is sent so that rows of a shard can be attended to: whole steps of tiles, because products read no less; all of a
     * sequence where all of a run is seen, since then little would be saved.
     *
     * @param rows one range for each sequence and run
     * @return ascending, apart, none empty
     */
    public List<Run> sent(int owner, List<Run> rows) {
        List<Run> whole = all(owner);
        int ofSequence = cut.shard(owner).runs().size();
        List<Run> sent = new ArrayList<>();
        for (int piece = 0; piece < rows.size(); piece++) {
            int sequence = piece / ofSequence;
            int start = sequence * cut.shard();
            boolean everything = false;
            for (int other = sequence * ofSequence; other < (sequence + 1) * ofSequence; other++) {
                everything |= rows.get(other).equals(whole.get(other));
            }
            Run run = rows.get(piece);
            if (everything) {
                add(sent, new Run(start, start + cut.shard()));
            } else if (!run.isEmpty()) {
                int from = start + TileSize.roundDown(run.from() - start);
                int to = start + Math.min(cut.shard(), TileSize.roundUp(run.to() - start));
                add(sent, new Run(from, to));
            }
        }
        return sent;
    }

    /** Adds a run behind others, as one where it touches the last. */
    private static void add(List<Run> runs, Run more) {
        int last = runs.size() - 1;
        if (last >= 0 && more.from() <= runs.get(last).to()) {
            runs.set(last, runs.get(last).hull(more));
        } else {
            runs.add(more);
        }
    }
}
