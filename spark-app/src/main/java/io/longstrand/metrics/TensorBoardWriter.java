package io.longstrand.metrics;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/**
 * Writes the curves of a run as a TensorBoard event file: TFRecords of {@code tensorflow.Event} messages. A run that
 * goes on writes a new file that begins with a session start, which makes TensorBoard drop the steps an earlier
 * attempt did after that point.
 */
public final class TensorBoardWriter implements EventSink {
    private static final String VERSION = "brain.Event:2";

    private final FileStore store;
    private final String directory;
    private final TensorBoardRecord record = new TensorBoardRecord();
    private OutputStream output;

    /** @param directory the directory of event files, {@code tb} of a run */
    public TensorBoardWriter(FileStore store, String directory) {
        this.store = store;
        this.directory = directory;
    }

    @Override
    public void accept(RunEvent event) throws IOException {
        if (event instanceof RunStarted started) {
            start(started);
        } else if (output != null && event instanceof StepCompleted step) {
            scalar(step, "train/loss", step.loss());
            scalar(step, "train/bits_per_base", step.bitsPerBase());
            scalar(step, "train/learning_rate", step.learningRate());
            scalar(step, "train/gradient_norm", step.gradientNorm());
            scalar(step, "speed/tokens_per_second", step.tokensPerSecond());
            scalar(step, "speed/model_gflops", step.modelFlops() / 1e9);
            scalar(step, "speed/mfu", step.mfu());
            scalar(step, "speed/hfu", step.hfu());
            scalar(step, "memory/device_bytes", step.deviceBytes());
            scalar(step, "memory/host_bytes", step.hostBytes());
            scalar(step, "memory/resident_set_bytes", step.residentSet());
            output.flush();
        } else if (output != null && event instanceof ValidationCompleted validation) {
            scalar(validation, "validation/bits_per_base", validation.bitsPerBase());
            output.flush();
        } else if (output != null && event instanceof BaselinesScored baselines) {
            for (Map.Entry<String, Double> baseline : baselines.bitsPerBase().entrySet()) {
                scalar(baselines, "baseline/" + baseline.getKey(), baseline.getValue());
            }
            output.flush();
        }
    }

    @Override
    public void close() throws IOException {
        if (output != null) {
            output.close();
        }
    }

    private void start(RunStarted started) throws IOException {
        close();
        String name = "events.out.tfevents." + started.time() / 1000 + ".longstrand." + started.step();
        output = store.create(store.child(directory, name));
        output.write(record.version(seconds(started), VERSION));
        if (started.step() > 0) {
            output.write(record.sessionStart(seconds(started), started.step() + 1));
        }
        output.flush();
    }

    private void scalar(RunEvent event, String tag, double value) throws IOException {
        output.write(record.scalar(seconds(event), event.step(), tag, (float) value));
    }

    private static double seconds(RunEvent event) {
        return event.time() / 1000.0;
    }
}
