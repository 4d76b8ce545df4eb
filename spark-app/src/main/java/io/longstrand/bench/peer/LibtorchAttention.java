package io.longstrand.bench.peer;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What libtorch's {@code scaled_dot_product_attention(is_causal=True)} runs on a CPU, forward and backward apart: its
 * flash kernels, reached through the dispatcher. Heads lie one after the other, the layout it is fastest with.
 */
public final class LibtorchAttention implements AutoCloseable {
    private static final String OPERATOR = "aten::_scaled_dot_product_flash_attention_for_cpu";

    private final List<Tensor> inputs = new ArrayList<>(); // query, key, value: (1, heads, length, headSize)
    private final Tensor outGradient;
    private final OperatorHandle forward;
    private final OperatorHandle backward;
    private final Tensor out;
    private final Tensor logSumExp;

    /** Random queries, keys, values and gradient; one forward pass, for the backward pass to start from. */
    public LibtorchAttention(int heads, int length, int headSize) {
        for (int i = 0; i < 3; i++) {
            inputs.add(torch.randn(1, heads, length, headSize).retainReference());
        }
        outGradient = torch.randn(1, heads, length, headSize).retainReference();
        forward = Dispatcher.singleton().findSchemaOrThrow(OPERATOR, "").retainReference();
        backward = Dispatcher.singleton()
                .findSchemaOrThrow(OPERATOR + "_backward", "")
                .retainReference();
        try (PointerScope scope = new PointerScope()) {
            IValueVector results = attend();
            // What the stack gives dies with it; a copy of the handle does not.
            out = new Tensor(results.get(0).toTensor()).retainReference();
            logSumExp = new Tensor(results.get(1).toTensor()).retainReference();
        }
    }

    /** One forward pass. */
    public void forward() {
        try (PointerScope scope = new PointerScope()) {
            attend();
        }
    }

    /** One backward pass. */
    public void backward() {
        try (PointerScope scope = new PointerScope()) {
            backward.callBoxed(new IValueVector(
                    new IValue(outGradient),
                    new IValue(inputs.get(0)),
                    new IValue(inputs.get(1)),
                    new IValue(inputs.get(2)),
                    new IValue(out),
                    new IValue(logSumExp),
                    new IValue(0.0), // dropout
                    new IValue(true), // is_causal
                    new IValue(), // attn_mask
                    new IValue())); // scale
        }
    }

    private IValueVector attend() {
        IValueVector stack = new IValueVector(
                new IValue(inputs.get(0)),
                new IValue(inputs.get(1)),
                new IValue(inputs.get(2)),
                new IValue(0.0), // dropout
                new IValue(true), // is_causal
                new IValue(), // attn_mask
                new IValue()); // scale
        forward.callBoxed(stack);
        return stack;
    }

    @Override
    public void close() {
        inputs.forEach(Tensor::releaseReference);
        outGradient.releaseReference();
        out.releaseReference();
        logSumExp.releaseReference();
        forward.releaseReference();
        backward.releaseReference();
    }
}
