package io.longstrand.backend.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operators of CUDA are known to a build for the CPU, too: it takes their arguments apart before it gives up. */
class FlashOperatorsTest {
    private static final String NO_KERNEL = "Could not run '";

    private final Scratch scratch = new Scratch(Device.CPU);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CPU")
    void the_arguments_for_cuda_fit_the_declaration_of_the_forward_operator(FlashOperators operators) {
        try (PointerScope scope = new PointerScope()) {
            TorchArray x = array(1, 2, 5, 8);
            assertThat(operators.forwardArguments(x, x, x, 1)).hasSize(arguments(name(operators)));
            assertThatThrownBy(() -> operators.forward(x, x, x, 1)).hasMessageContaining(NO_KERNEL + name(operators));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CPU")
    void the_arguments_for_cuda_fit_the_declaration_of_the_backward_operator(FlashOperators operators) {
        try (PointerScope scope = new PointerScope()) {
            TorchArray x = array(1, 2, 5, 8);
            FlashOperators.Saved saved =
                    new FlashOperators.Saved(x, x, x, x, array(1, 2, 5), array(1).as(ScalarType.Long));
            assertThat(operators.backwardArguments(saved, x, 1)).hasSize(arguments(name(operators) + "_backward"));
            assertThatThrownBy(() -> operators.backward(saved, x, 1)).hasMessageContaining(NO_KERNEL + name(operators));
        }
    }

    @Test
    void a_log_sum_exp_is_padded_to_the_columns_that_are_read_of_it() {
        try (PointerScope scope = new PointerScope()) {
            TorchArray padded = FlashOperators.CUDA_FLOAT32.saved(array(1, 2, 33), new Views(Device.CPU, scratch));
            assertThat(padded.values().size(2)).isEqualTo(64);
            assertThat(padded.part(2, 0, 33).total()).isEqualTo(66);
            assertThat(padded.part(2, 33, 34).total()).isEqualTo(Double.POSITIVE_INFINITY);
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

    private static String name(FlashOperators operators) {
        return switch (operators) {
            case CUDA_BFLOAT16 -> "aten::_scaled_dot_product_flash_attention";
            case CUDA_FLOAT32 -> "aten::_scaled_dot_product_efficient_attention";
            case CPU -> throw new IllegalArgumentException("runs here");
        };
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
