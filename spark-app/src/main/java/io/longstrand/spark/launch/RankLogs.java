package io.longstrand.spark.launch;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/** {@code logs/rank-R.log}: what each rank reported beside its steps. A resumed run adds to them. */
final class RankLogs implements AutoCloseable {
    private final FileStore store;
    private final RunDirectory run;
    private final Map<Integer, OutputStream> logs = new HashMap<>();

    RankLogs(FileStore store, RunDirectory run) {
        this.store = store;
        this.run = run;
    }

    void write(int rank, String text) throws IOException {
        OutputStream log = logs.get(rank);
        if (log == null) {
            log = open(run.log(rank));
            logs.put(rank, log);
        }
        String line = Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + text.stripTrailing() + "\n";
        log.write(line.getBytes(StandardCharsets.UTF_8));
        log.flush();
    }

    /** Object stores cannot append, so an earlier attempt's lines are written again; they are few. */
    private OutputStream open(String path) throws IOException {
        byte[] earlier = new byte[0];
        if (store.exists(path)) {
            try (InputStream input = store.open(path)) {
                earlier = input.readAllBytes();
            }
        }
        OutputStream output = store.create(path);
        output.write(earlier);
        return output;
    }

    @Override
    public void close() throws IOException {
        for (OutputStream log : logs.values()) {
            log.close();
        }
    }
}
