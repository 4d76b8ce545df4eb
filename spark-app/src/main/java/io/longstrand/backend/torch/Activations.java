package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Activation functions and their gradients. */
final class Activations {
    private static final String FORM = "tanh";

    private final Views views;
    private final Blocks blocks;

    Activations(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void gelu(Tensor in, Tensor out) {
        Views.requireDevice(in, out);
        blocks.elements(in, block -> gelu(views.of(block.of(in)), views.of(block.of(out))));
    }

    /** The same on views, which may be one. */
    static void gelu(TorchArray in, TorchArray out) {
        torch.gelu_outf(in.values(), FORM, out.values());
    }

    void geluBackward(Tensor in, Tensor outGradient, Tensor inGradient) {
        Views.requireDevice(in, outGradient, inGradient);
        blocks.elements(
                in,
                block -> torch.gelu_backward_outf(
                        views.of(block.of(outGradient)).values(),
                        views.of(block.of(in)).values(),
                        FORM,
                        views.of(block.of(inGradient)).values()));
    }

    void swiglu(Tensor gate, Tensor up, Tensor out) {
        Views.requireDevice(gate, up, out);
        blocks.elements(gate, block -> {
            TorchArray activated = views.read(block.of(gate)).silu();
            torch.mul_out(
                    views.of(block.of(out)).values(),
                    activated.values(),
                    views.of(block.of(up)).values());
        });
    }

    void swigluBackward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient) {
        Views.requireDevice(gate, up, outGradient, gateGradient, upGradient);
        blocks.elements(gate, block -> {
            TorchArray g = views.read(block.of(gate));
            TorchArray gradient = views.read(block.of(outGradient));
            TorchArray byUp = g.silu().multiply(gradient);
            TorchArray byGate = g.siluGradient(gradient.times(views.read(block.of(up))));
            // Both are computed before either is stored: they may be the tensors of gate and up.
            views.of(block.of(gateGradient)).assign(byGate);
            views.of(block.of(upGradient)).assign(byUp);
        });
    }
}
