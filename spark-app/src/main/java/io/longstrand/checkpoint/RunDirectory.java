package io.longstrand.checkpoint;

/**
 * Where a run keeps what: the paths of a run directory on any Hadoop file system.
 *
 * @param path the directory itself, without a slash at its end
 */
public record RunDirectory(String path) {
    public RunDirectory {
        while (path.length() > 1 && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
    }

    /** The resolved configuration, HOCON. */
    public String configuration() {
        return path + "/config.conf";
    }

    /** The present state of the run, JSON, replaced as a whole. */
    public String status() {
        return path + "/status.json";
    }

    /** Which process writes to the run now, JSON; see {@link RunLock}. */
    public String lock() {
        return path + "/run.lock";
    }

    /** One record a step, JSON lines. */
    public String events() {
        return path + "/events.jsonl";
    }

    /** Directory of TensorBoard events. */
    public String tensorBoard() {
        return path + "/tb";
    }

    /** Directory of all checkpoints. */
    public String checkpoints() {
        return path + "/checkpoints";
    }

    /** The checkpoint taken after a step. */
    public String checkpoint(long step) {
        return checkpoints() + "/step-" + step;
    }

    /** The self-contained report. */
    public String report() {
        return path + "/report.html";
    }

    /** What a rank logs. */
    public String log(int rank) {
        return path + "/logs/rank-" + rank + ".log";
    }
}
