package io.longstrand.spark.dl4j;

import java.io.Serializable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network's configuration, on its way to the ranks. */
interface Blueprint extends Serializable {
    /** Builds a rank's own copy of the network. @param parameters (parameters) of the copy from now on */
    Replica build(INDArray parameters);
}
