package io.longstrand.spark.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks and examples for them: 36 numbers, or an image of 6 × 6, in one of three classes. */
final class Networks {
    static final int INPUTS = 36;
    static final int CLASSES = 3;
    private static final int SEQUENCE_INPUTS = 4;

    /** What networks are made of. */
    enum Kind {
        DENSE,
        CONVOLUTIONAL
    }

    private Networks() {}

    static MultiLayerConfiguration layers(Kind kind, NeuralNetConfiguration.Builder settings) {
        return kind == Kind.DENSE
                ? settings.list()
                        .layer(dense(INPUTS))
                        .layer(dense(20))
                        .layer(output(20))
                        .build()
                : settings.list()
                        .layer(convolution())
                        .layer(pooling())
                        .layer(dense(0))
                        .layer(output(0))
                        .setInputType(InputType.convolutionalFlat(6, 6, 1))
                        .build();
    }

    static ComputationGraphConfiguration graph(Kind kind, NeuralNetConfiguration.Builder settings) {
        ComputationGraphConfiguration.GraphBuilder graph =
                settings.graphBuilder().addInputs("in").setOutputs("out");
        if (kind == Kind.DENSE) {
            graph.addLayer("first", dense(0), "in").addLayer("second", dense(0), "first");
            graph.setInputTypes(InputType.feedForward(INPUTS));
        } else {
            graph.addLayer("convolution", convolution(), "in")
                    .addLayer("pooling", pooling(), "convolution")
                    .addLayer("second", dense(0), "pooling");
            graph.setInputTypes(InputType.convolutionalFlat(6, 6, 1));
        }
        return graph.addLayer("out", output(0), "second").build();
    }

    private static DenseLayer dense(int inputs) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(20)
                .activation(Activation.TANH)
                .build();
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nIn(1)
                .nOut(5)
                .activation(Activation.TANH)
                .build();
    }

    private static SubsamplingLayer pooling() {
        return new SubsamplingLayer.Builder(PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    private static OutputLayer output(int inputs) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    /** Of sequences, with an update after each three time steps. */
    static MultiLayerConfiguration truncated(NeuralNetConfiguration.Builder settings) {
        return settings.list()
                .layer(new LSTM.Builder().nIn(SEQUENCE_INPUTS).nOut(6).build())
                .layer(new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(6)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .backpropType(BackpropType.TruncatedBPTT)
                .tBPTTLength(3)
                .build();
    }

    static DataSet sequences(int count, int length) {
        Random random = new Random(3);
        INDArray features = Nd4j.create(DataType.FLOAT, count, SEQUENCE_INPUTS, length);
        INDArray labels = Nd4j.create(DataType.FLOAT, count, CLASSES, length);
        for (int example = 0; example < count; example++) {
            for (int time = 0; time < length; time++) {
                for (int input = 0; input < SEQUENCE_INPUTS; input++) {
                    features.putScalar(new int[] {example, input, time}, random.nextGaussian());
                }
                labels.putScalar(new int[] {example, random.nextInt(CLASSES), time}, 1);
            }
        }
        return new DataSet(features, labels);
    }

    /** Examples whose class their numbers tell, most of the time. */
    static DataSet examples(int count) {
        Random random = new Random(7);
        INDArray features = Nd4j.create(DataType.FLOAT, count, INPUTS);
        INDArray labels = Nd4j.create(DataType.FLOAT, count, CLASSES);
        for (int example = 0; example < count; example++) {
            int label = random.nextInt(CLASSES);
            for (int input = 0; input < INPUTS; input++) {
                double hint = input % CLASSES == label ? 0.4 : 0;
                features.putScalar(example, input, random.nextGaussian() + hint);
            }
            labels.putScalar(example, label, 1);
        }
        return new DataSet(features, labels);
    }

    /** The same in data sets of some examples each. */
    static List<DataSet> cut(DataSet examples, int size) {
        List<DataSet> sets = new ArrayList<>();
        for (int from = 0; from < examples.numExamples(); from += size) {
            int to = Math.min(examples.numExamples(), from + size);
            sets.add((DataSet) examples.getRange(from, to));
        }
        return sets;
    }
}
