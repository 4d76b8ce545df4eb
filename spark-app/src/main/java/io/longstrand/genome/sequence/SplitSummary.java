package io.longstrand.genome.sequence;

import java.io.Serializable;
import java.util.List;

/**
 * What a {@link SplitCensus} found.
 *
 * @param lines lines that ended in the split
 * @param leadingBases bases before the first header: of a record that began in an earlier split
 * @param headers the records that begin in the split, lines counted from its start
 * @param bases for each of them, its bases in this split
 * @param problem the first malformed place, lines counted from the split's start; null when there is none
 */
public record SplitSummary(
        long lines, long leadingBases, List<RecordHeader> headers, long[] bases, MalformedInput problem)
        implements Serializable {}
