package io.longstrand.spark.launch;

import java.io.Serializable;

/** What a rank returned; results may arrive in any order. */
record RankResult<R extends Serializable>(int rank, R value) implements Serializable {}
