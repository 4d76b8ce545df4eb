package io.longstrand.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuBackendTest {
    @ParameterizedTest
    @ValueSource(ints = {dnnl.dnnl_cpu_isa_avx2, dnnl.dnnl_cpu_isa_avx2_vnni_2, dnnl.dnnl_cpu_isa_avx512_core})
    void bfloat16_without_instructions_for_it_works_and_says_that_it_is_slow(int bits) {
        InstructionSet instructions = new InstructionSet(bits);
        try (CpuBackend backend = new CpuBackend(1, instructions)) {
            assertThat(backend.caution(DataType.BFLOAT16))
                    .contains("bf16: this processor (" + instructions.text()
                            + ") has no instructions that multiply bfloat16, so steps take longer than in fp32;"
                            + " activations take half the memory");
            assertThat(backend.caution(DataType.FLOAT32)).isEmpty();
            assertThat(backend.selfTest())
                    .allMatch(Backend.SelfTest::passed)
                    .anyMatch(test ->
                            test.name().equals("bfloat16") && test.detail().startsWith("bf16: this processor"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {dnnl.dnnl_cpu_isa_avx512_core_bf16, dnnl.dnnl_cpu_isa_avx512_core_amx})
    void bfloat16_with_instructions_for_it_needs_no_word(int bits) {
        try (CpuBackend backend = new CpuBackend(1, new InstructionSet(bits))) {
            assertThat(backend.caution(DataType.BFLOAT16)).isEmpty();
        }
    }

    @Test
    void what_a_set_includes_is_said_of_the_best_in_it() {
        assertThat(new InstructionSet(dnnl.dnnl_cpu_isa_avx512_core_bf16).text())
                .isEqualTo("AVX-512 with bfloat16");
        assertThat(new InstructionSet(dnnl.dnnl_cpu_isa_avx512_core).text()).isEqualTo("AVX-512");
        assertThat(new InstructionSet(dnnl.dnnl_cpu_isa_avx2).text()).isEqualTo("AVX2");
        assertThat(new InstructionSet(0).text()).isEqualTo("below AVX2");
    }
}
