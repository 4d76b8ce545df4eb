package io.longstrand.backend.nd4j;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Activation functions and their gradients. */
final class Activations {
    private static final double ROOT = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;

    private final Views views;
    private final Blocks blocks;

    Activations(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void gelu(Tensor in, Tensor out) {
        views.requireDevice(in, out);
        blocks.elements(in, block -> views.write(gelu(views.read(block.of(in))), block.of(out)));
    }

    /** {@code x/2 · (1 + tanh(√(2/π)·(x + 0.044715 x³)))}. */
    INDArray gelu(INDArray x) {
        return innerTanh(x).addi(1).muli(x).muli(0.5);
    }

    private static INDArray innerTanh(INDArray x) {
        INDArray inner = x.mul(x).muli(CUBIC).addi(1).muli(x).muli(ROOT);
        return Transforms.tanh(inner, false);
    }

    void geluBackward(Tensor in, Tensor outGradient, Tensor inGradient) {
        views.requireDevice(in, outGradient, inGradient);
        blocks.elements(in, block -> {
            INDArray x = views.read(block.of(in));
            INDArray tanh = innerTanh(x);
            INDArray innerSlope = x.mul(x).muli(3 * CUBIC).addi(1).muli(ROOT);
            INDArray curved = tanh.mul(tanh).rsubi(1).muli(innerSlope).muli(x);
            INDArray slope = tanh.addi(1).addi(curved).muli(0.5);
            views.write(slope.muli(views.read(block.of(outGradient))), block.of(inGradient));
        });
    }

    void swiglu(Tensor gate, Tensor up, Tensor out) {
        views.requireDevice(gate, up, out);
        blocks.elements(gate, block -> {
            INDArray g = views.read(block.of(gate));
            INDArray result = Transforms.sigmoid(g, true).muli(g).muli(views.read(block.of(up)));
            views.write(result, block.of(out));
        });
    }

    void swigluBackward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient) {
        views.requireDevice(gate, up, outGradient, gateGradient, upGradient);
        blocks.elements(gate, block -> {
            INDArray g = views.read(block.of(gate));
            INDArray gradient = views.read(block.of(outGradient));
            INDArray sigmoid = Transforms.sigmoid(g, true);
            INDArray byUp = sigmoid.mul(g).muli(gradient);
            // σ + g·σ·(1 − σ) = σ·(1 + g·(1 − σ))
            INDArray slope = sigmoid.rsub(1).muli(g).addi(1).muli(sigmoid);
            INDArray byGate = slope.muli(views.read(block.of(up))).muli(gradient);
            // Both are computed before either is stored: they may be the tensors of gate and up.
            views.write(byGate, block.of(gateGradient));
            views.write(byUp, block.of(upGradient));
        });
    }
}
