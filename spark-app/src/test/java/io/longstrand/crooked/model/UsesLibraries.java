package io.longstrand.crooked.model;

import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model that reaches past the contract. */
record UsesLibraries(SparkConf spark, Path hadoop, INDArray array, Pointer pointer) {}
