package io.longstrand.backend.torch;

import io.longstrand.tensor.DataType;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;

/**
 * libtorch's own flash attention, by device and element type. Arrays are (1, heads, tokens, headSize); the log-sum-exp
 * is (1, heads, tokens).
 */
enum FlashOperators {
    /** {@code _scaled_dot_product_flash_attention_for_cpu}, for FLOAT32: its BFLOAT16 form is very slow without MKL. */
    CPU(
            "aten::_scaled_dot_product_flash_attention_for_cpu",
            "aten::_scaled_dot_product_flash_attention_for_cpu_backward") {
        @Override
        boolean supports(DataType type, int headSize) {
            return type == DataType.FLOAT32;
        }

        @Override
        boolean takesAllHeads() {
            return false;
        }

        @Override
        IValue[] forwardArguments(TorchArray query, TorchArray key, TorchArray value, float scale) {
            return new IValue[] {
                Operator.argument(query),
                Operator.argument(key),
                Operator.argument(value),
                new IValue(0.0), // dropout
                new IValue(true), // causal
                Operator.none(), // mask
                new IValue((double) scale)
            };
        }

        @Override
        IValue[] backwardArguments(Saved saved, TorchArray outGradient, float scale) {
            return new IValue[] {
                Operator.argument(outGradient),
                Operator.argument(saved.query()),
                Operator.argument(saved.key()),
                Operator.argument(saved.value()),
                Operator.argument(saved.out()),
                Operator.argument(saved.logSumExp()),
                new IValue(0.0), // dropout
                new IValue(true), // causal
                Operator.none(), // mask
                new IValue((double) scale)
            };
        }
    },
    /** {@code _scaled_dot_product_flash_attention}, for BFLOAT16 on CUDA. */
    CUDA("aten::_scaled_dot_product_flash_attention", "aten::_scaled_dot_product_flash_attention_backward") {
        @Override
        boolean supports(DataType type, int headSize) {
            return type == DataType.BFLOAT16 && headSize % 8 == 0 && headSize <= 256;
        }

        @Override
        TorchArray readable(TorchArray operand) {
            return operand.aligned(VECTOR);
        }

        @Override
        IValue[] forwardArguments(TorchArray query, TorchArray key, TorchArray value, float scale) {
            return new IValue[] {
                Operator.argument(query),
                Operator.argument(key),
                Operator.argument(value),
                new IValue(0.0), // dropout
                new IValue(true), // causal
                new IValue(false), // debug mask
                new IValue((double) scale)
            };
        }

        @Override
        IValue[] backwardArguments(Saved saved, TorchArray outGradient, float scale) {
            long tokens = saved.query().values().size(2);
            return new IValue[] {
                Operator.argument(outGradient),
                Operator.argument(saved.query()),
                Operator.argument(saved.key()),
                Operator.argument(saved.value()),
                Operator.argument(saved.out()),
                Operator.argument(saved.logSumExp()),
                new IValue(new org.bytedeco.pytorch.Tensor()), // no packed sequences
                new IValue(new org.bytedeco.pytorch.Tensor()),
                new IValue(tokens),
                new IValue(tokens),
                new IValue(0.0), // dropout
                new IValue(true), // causal
                Operator.argument(saved.noSeed()),
                Operator.argument(saved.noSeed()),
                new IValue((double) scale)
            };
        }
    };

    /** What the backward operators want of the forward pass. @param noSeed an int64 number: nothing is dropped */
    record Saved(
            TorchArray query,
            TorchArray key,
            TorchArray value,
            TorchArray out,
            TorchArray logSumExp,
            TorchArray noSeed) {}

    /** Elements of the 16 bytes that the kernels on CUDA read at a time. */
    private static final int VECTOR = 8;

    private final Operator forward;
    private final Operator backward;

    FlashOperators(String forward, String backward) {
        this.forward = new Operator(forward);
        this.backward = new Operator(backward);
    }

    abstract boolean supports(DataType type, int headSize);

    /** Whether all heads are given to it at once, and query heads may share a key head there. */
    boolean takesAllHeads() {
        return true;
    }

    /** An operand as the kernels can read it: itself where it lies well, else a copy. */
    TorchArray readable(TorchArray operand) {
        return operand;
    }

    abstract IValue[] forwardArguments(TorchArray query, TorchArray key, TorchArray value, float scale);

    abstract IValue[] backwardArguments(Saved saved, TorchArray outGradient, float scale);

    /** Results: output, log-sum-exp. */
    IValueVector forward(TorchArray query, TorchArray key, TorchArray value, float scale) {
        return forward.call(forwardArguments(query, key, value, scale));
    }

    /** Results: gradients of query, key and value. */
    IValueVector backward(Saved saved, TorchArray outGradient, float scale) {
        return backward.call(backwardArguments(saved, outGradient, scale));
    }
}
