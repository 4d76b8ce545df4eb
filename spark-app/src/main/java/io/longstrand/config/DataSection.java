package io.longstrand.config;

import java.util.List;

/**
 * Genome files and how they become training windows.
 *
 * @param inputs FASTA or GenBank files: absolute paths or URIs; empty until the user names some
 * @param directory where the token shard files are or will be prepared
 * @param tokenizer {@code nucleotide}, {@code codon}, {@code k-mer} with k from 1 to 9, or a path of a tokenizer.json
 * @param sequenceLength tokens in a window
 * @param split what is held out
 * @param reverseComplement whether windows are read from both strands
 * @param softMaskWeight weight of soft-masked (lower-case) bases in the loss, 0 to 1
 */
public record DataSection(
        @Key(
                doc = "FASTA or GenBank files, plain, gzip or bgzip. A relative path is looked for beside the "
                        + "file that names it, then in the working directory.",
                value = "[]",
                check = Check.NO_BLANK_ITEM)
        List<String> inputs,

        @Key(
                doc = "Where the prepared token shard files are; train prepares them there when their manifest "
                        + "is missing or does not match.",
                value = "${run.directory}\"/data\"",
                check = Check.NOT_BLANK)
        String directory,

        @Key(
                doc = "How bases become tokens: nucleotide, codon, 3-mer (any k-mer, k from 1 to 9, not "
                        + "overlapping), or the path of a tokenizer.json.",
                value = "3-mer",
                check = Check.TOKENIZER)
        String tokenizer,

        @Key(doc = "Tokens in a training window.", value = "128", check = Check.SEQUENCE_LENGTH)
        int sequenceLength,

        @Section(doc = "What is held out from training, for validation.")
        SplitSection split,

        @Key(
                doc = "Read each training window from the forward or the reverse strand, by hash of seed, epoch "
                        + "and window.",
                value = "true")
        boolean reverseComplement,

        @Key(doc = "Weight of soft-masked (lower-case) bases in the training loss.", value = "1.0", check = Check.SHARE)
        double softMaskWeight) {

    /**
     * What is held out.
     *
     * @param kind the unit that is held out
     * @param heldOut share of the bases held out, 0 or above and below 1
     */
    public record SplitSection(
            @Key(
                    doc = "region: the last bases in file order. record: whole records. cluster: whole groups "
                            + "of similar records.",
                    value = "region")
            SplitKind kind,

            @Key(doc = "Share of the bases held out.", value = "0.1", check = Check.FRACTION)
            double heldOut) {}

    /** The unit of a split. */
    public enum SplitKind implements Choice {
        REGION,
        RECORD,
        CLUSTER
    }
}
