package io.longstrand.spark.launch;

import java.io.Serializable;

/** What every rank does; travels to it by Java serialisation. */
@FunctionalInterface
public interface RankWork<R extends Serializable> extends Serializable {
    /** Does it. @throws Exception whatever made it fail; the driver hears of it with the rank's number and host */
    R run(RankPlace place) throws Exception;

    /** Name of the backend it opens for tensors that ranks send each other; empty when it opens none. */
    default String computesWith() {
        return "";
    }

    /** What must be the same on every rank, as this rank's build reads it; ranks that differ are refused. */
    default String settings() {
        return "";
    }
}
