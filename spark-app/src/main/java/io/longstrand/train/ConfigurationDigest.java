package io.longstrand.train;

import io.longstrand.config.AttentionSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.TrainSection;
import io.longstrand.genome.token.Manifest;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * SHA-256 of what determines the bits of a training run besides the checkpoint: the settings a resumed run may not
 * change, and the checksums of the genome files. Paths are left out, so a run may be moved.
 */
final class ConfigurationDigest {
    private final FileStore store;

    ConfigurationDigest(FileStore store) {
        this.store = store;
    }

    String of(RunConfiguration configuration, Manifest data) throws IOException {
        TrainSection train = configuration.train();
        StringBuilder text = new StringBuilder();
        text.append(configuration.model()).append('\n');
        text.append(configuration.attention().kernel()).append('\n');
        text.append(mask(configuration.attention().mask())).append('\n');
        text.append(configuration.data().sequenceLength()).append('\n');
        text.append(configuration.data().reverseComplement()).append('\n');
        text.append(configuration.data().softMaskWeight()).append('\n');
        text.append(windows(configuration)).append('\n');
        text.append(train.precision()).append(' ').append(train.seed()).append('\n');
        text.append(train.optimiser()).append('\n').append(train.schedule()).append('\n');
        text.append(data.tokenizer()).append('\n').append(data.split()).append('\n');
        data.sources().forEach(source -> text.append(source.checksum()).append('\n'));
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        Checksum checksum = new Checksum();
        checksum.update(bytes, 0, bytes.length);
        return checksum.value();
    }

    /** Windows of a step: how ranks and micro-batches share them changes the curve by roundings alone. */
    private static long windows(RunConfiguration configuration) {
        TrainSection train = configuration.train();
        return Math.multiplyExact(
                (long) train.microBatch() * train.accumulation(),
                configuration.parallel().data());
    }

    /** Where masks come from changes no bit. */
    private String mask(AttentionSection.MaskSection mask) throws IOException {
        String file = mask.file().isBlank() ? "" : Checksum.ofFile(store, mask.file());
        return mask.kind() + " " + mask.window() + " " + mask.rule() + " " + file;
    }
}
