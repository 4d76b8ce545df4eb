package io.longstrand.spark.prepare;

import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.CodingSequence;
import io.longstrand.genome.sequence.RecordDescription;
import io.longstrand.genome.sequence.Topology;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The coding sequences of all records, each a record of its own. */
final class SplicedRecords implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int CODON = 3;

    private final HashMap<Integer, List<Spliced>> ofRecord = new HashMap<>();
    private final ArrayList<RecordDescription> descriptions = new ArrayList<>();

    /**
     * One coding sequence as a record.
     *
     * @param index its number as a record
     * @param codingSequence where its bases are
     * @param skipped bases before its first whole codon
     */
    record Spliced(int index, CodingSequence codingSequence, int skipped) implements Serializable {}

    /** @throws UserError when a file of the inputs has no coding sequences */
    SplicedRecords(List<RecordDescription> records) {
        Map<String, Integer> ofFile = new HashMap<>();
        for (RecordDescription record : records) {
            List<Spliced> spliced = new ArrayList<>();
            for (int i = 0; i < record.codingSequences().size(); i++) {
                CodingSequence coding = record.codingSequences().get(i);
                int skipped = coding.codonStart() - 1;
                long bases = coding.bases() - skipped;
                if (bases >= CODON) {
                    spliced.add(new Spliced(descriptions.size(), coding, skipped));
                    descriptions.add(new RecordDescription(
                            descriptions.size(),
                            record.name() + ":cds-" + (i + 1),
                            record.file(),
                            bases,
                            Topology.LINEAR,
                            List.of()));
                }
            }
            ofRecord.put(record.index(), spliced);
            ofFile.merge(record.file(), spliced.size(), Integer::sum);
        }
        ofFile.forEach((file, count) -> {
            if (count == 0) {
                throw new UserError(file + ": holds no coding sequences (CDS features), which data.tokenizer = "
                        + "codon-by-frame reads; give a GenBank file with them, or use codon");
            }
        });
    }

    /** The coding sequences of a record, in file order. */
    List<Spliced> of(int record) {
        return ofRecord.get(record);
    }

    /** All of them as records. */
    List<RecordDescription> descriptions() {
        return descriptions;
    }
}
