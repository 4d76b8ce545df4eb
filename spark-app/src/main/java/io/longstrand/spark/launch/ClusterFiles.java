package io.longstrand.spark.launch;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/** The files a Spark application reaches, for commands that need no Spark running. */
public final class ClusterFiles {
    /** A store with the cluster's file systems and credentials as Spark's settings name them. */
    public FileStore open() throws IOException {
        return new FileStore(SparkHadoopUtil.get().newConfiguration(new SparkConf()));
    }
}
