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

    @Test
    void operands_are_copied_only_where_their_rows_do_not_begin_at_multiples() {
        try (PointerScope scope = new PointerScope()) {
            TorchArray whole = array(6, 24);
            TorchArray well = whole.part(1, 8, 16);
            assertThat(well.aligned(8)).isSameAs(well);
            TorchArray astray = whole.part(1, 3, 11);
            TorchArray copied = astray.aligned(8);
            assertThat(copied).isNotSameAs(astray);
            assertThat(copied.aligned(8)).isSameAs(copied);
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
