package io.longstrand.bench.peer;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Something to learn: examples whose class is where a random matrix maps them to, made from their numbers wherever they
 * are needed, so that none pass through the driver.
 *
 * @param hidden width of the network's two hidden layers
 * @param batches how many batches of examples there are
 * @param batch examples of one batch
 */
record Dl4jProblem(int hidden, int batches, int batch) implements Serializable {
    private static final int INPUTS = 128;
    private static final int CLASSES = 10;
    private static final long SEED = 11;
    private static final double RATE = 1e-3;

    /** The network before training; always the same. */
    MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .updater(new Adam(RATE))
                .list()
                .layer(dense(INPUTS))
                .layer(dense(hidden))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(hidden)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private DenseLayer dense(int inputs) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(hidden)
                .activation(Activation.RELU)
                .build();
    }

    /** The batches as Spark has them, in two partitions. */
    JavaRDD<DataSet> distributed(JavaSparkContext spark) {
        Dl4jProblem problem = this;
        return spark.parallelize(IntStream.range(0, batches).boxed().toList(), 2)
                .map(number -> problem.examples(number, problem.batch));
    }

    /** Those that one process takes for the same steps: several batches at once. */
    List<DataSet> together(int ranks) {
        List<DataSet> all = new ArrayList<>();
        for (int first = 0; first < batches; first += ranks) {
            List<DataSet> parts = new ArrayList<>();
            for (int number = first; number < Math.min(batches, first + ranks); number++) {
                parts.add(examples(number, batch));
            }
            all.add(DataSet.merge(parts));
        }
        return all;
    }

    /** Examples that no batch holds. */
    DataSet heldOut(int count) {
        return examples(batches, count);
    }

    private DataSet examples(int number, int count) {
        Random teacherNumbers = new Random(SEED);
        float[] teacher = new float[INPUTS * CLASSES];
        for (int i = 0; i < teacher.length; i++) {
            teacher[i] = (float) teacherNumbers.nextGaussian();
        }
        INDArray weights = Nd4j.createFromArray(teacher).reshape(INPUTS, CLASSES);
        Random random = new Random(SEED + 1 + number);
        float[] numbers = new float[count * INPUTS];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        INDArray features = Nd4j.createFromArray(numbers).reshape(count, INPUTS);
        INDArray classes = features.mmul(weights).argMax(1);
        INDArray labels = Nd4j.create(DataType.FLOAT, count, CLASSES);
        for (int example = 0; example < count; example++) {
            labels.putScalar(example, classes.getInt(example), 1);
        }
        return new DataSet(features, labels);
    }
}
