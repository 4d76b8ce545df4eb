package io.longstrand.backend.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** The operators of CUDA are known to a build for the CPU, too: it takes their arguments apart before it gives up. */
class FlashOperatorsTest {
    private static final String NO_KERNEL = "Could not run 'aten::_scaled_dot_product_flash_attention";

    private final Scratch scratch = new Scratch(Device.CPU);

    @Test
    void the_arguments_for_cuda_fit_the_declaration_of_the_forward_operator() {
        try (PointerScope scope = new PointerScope()) {
            TorchArray x = array(1, 2, 5, 8);
            assertThat(FlashOperators.CUDA.forwardArguments(x, x, x, 1))
                    .hasSize(arguments("aten::_scaled_dot_product_flash_attention"));
            assertThatThrownBy(() -> FlashOperators.CUDA.forward(x, x, x, 1)).hasMessageContaining(NO_KERNEL);
        }
    }

    @Test
    void the_arguments_for_cuda_fit_the_declaration_of_the_backward_operator() {
        try (PointerScope scope = new PointerScope()) {
            TorchArray x = array(1, 2, 5, 8);
            FlashOperators.Saved saved =
                    new FlashOperators.Saved(x, x, x, x, array(1, 2, 5), array(1).as(ScalarType.Long));
            assertThat(FlashOperators.CUDA.backwardArguments(saved, x, 1))
                    .hasSize(arguments("aten::_scaled_dot_product_flash_attention_backward"));
            assertThatThrownBy(() -> FlashOperators.CUDA.backward(saved, x, 1)).hasMessageContaining(NO_KERNEL);
        }
    }

    /** How many an operator takes whose last one is the scale. */
    private static int arguments(String operator) {
        return 1
                + new Operator(operator)
                        .handle()
                        .schema()
                        .argumentIndexWithName("scale")
                        .get();
    }

    private TorchArray array(long... shape) {
        return new TorchArray(torch.ones(shape), scratch);
    }
}
