package io.longstrand.spark.prepare;

import io.longstrand.config.DataSection;
import io.longstrand.config.DataSection.SplitKind;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.SplitPlanner;
import java.util.List;

/**
 * What to prepare.
 *
 * @param inputs FASTA or GenBank files, in the order their records are numbered
 * @param directory where the prepared data goes
 * @param tokenizer a name or path that {@code TokenizerLoader} knows
 * @param splitKind the unit held out for validation
 * @param heldOut share of the bases held out, 0 or above and below 1
 * @param seed of the draw, where records or clusters are held out
 * @param splitBytes bytes of an input that one task reads; the same request gives the same bytes on any cluster
 */
public record PrepareRequest(
        List<String> inputs,
        String directory,
        String tokenizer,
        SplitKind splitKind,
        double heldOut,
        long seed,
        long splitBytes) {

    public PrepareRequest {
        inputs = List.copyOf(inputs);
        if (inputs.isEmpty()) {
            throw new UserError("data.inputs is empty; name at least one FASTA or GenBank file");
        }
    }

    /** With splits of the usual size. */
    public PrepareRequest(
            List<String> inputs, String directory, String tokenizer, SplitKind splitKind, double heldOut, long seed) {
        this(inputs, directory, tokenizer, splitKind, heldOut, seed, SplitPlanner.DEFAULT_SPLIT_BYTES);
    }

    /** What a run needs prepared. */
    public static PrepareRequest of(RunConfiguration configuration) {
        DataSection data = configuration.data();
        return new PrepareRequest(
                data.inputs(),
                data.directory(),
                data.tokenizer(),
                data.split().kind(),
                data.split().heldOut(),
                configuration.train().seed());
    }
}
