package io.longstrand.genome.sequence;

import io.longstrand.config.UserError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All records of all inputs, put together from the summaries of their splits in order, and where each split begins
 * among them.
 */
public final class RecordTable {
    private final List<RecordDescription> records = new ArrayList<>();
    private final List<SplitStart> starts = new ArrayList<>();
    private final Map<String, String> placeOfName = new HashMap<>();

    private RecordHeader header;
    private long headerLine;
    private long bases;

    /**
     * @param splits all splits of all inputs, in order
     * @param summaries what was found in each
     * @throws UserError for the first malformed place, record without sequence or duplicate name
     */
    public RecordTable(List<SequenceSplit> splits, List<SplitSummary> summaries) {
        long linesBefore = 0;
        String path = null;
        for (int i = 0; i < splits.size(); i++) {
            SequenceSplit split = splits.get(i);
            SplitSummary summary = summaries.get(i);
            if (split.first()) {
                endRecord(path);
                linesBefore = 0;
                path = split.source().path();
            }
            starts.add(new SplitStart(
                    header == null ? -1 : records.size(), bases, records.size() + (header == null ? 0 : 1)));
            bases += summary.leadingBases();
            for (int j = 0; j < summary.headers().size(); j++) {
                endRecord(path);
                header = summary.headers().get(j);
                headerLine = linesBefore + header.line();
                bases = summary.bases()[j];
            }
            if (summary.problem() != null) {
                throw summary.problem().after(linesBefore).in(path);
            }
            linesBefore += summary.lines();
        }
        endRecord(path);
    }

    private void endRecord(String path) {
        if (header == null) {
            return;
        }
        String name = header.name();
        if (bases == 0) {
            throw new UserError(path + ": line " + headerLine + ": record '" + name
                    + "' has no sequence; complete it or take its header out");
        }
        String place = path + " line " + headerLine;
        String earlier = placeOfName.putIfAbsent(name, place);
        if (earlier != null) {
            throw new UserError(path + ": line " + headerLine + ": record name '" + name + "' was used before, at "
                    + earlier + "; every record needs a name of its own");
        }
        records.add(
                new RecordDescription(records.size(), name, path, bases, header.topology(), header.codingSequences()));
        header = null;
        bases = 0;
    }

    /** The records in the order of the inputs. */
    public List<RecordDescription> records() {
        return records;
    }

    /** Where each split begins, in the order the splits were given. */
    public List<SplitStart> starts() {
        return starts;
    }
}
