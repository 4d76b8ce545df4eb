package io.longstrand.backend.cpu;

import org.bytedeco.dnnl.global.dnnl;

/**
 * What oneDNN generates code for on a processor.
 *
 * @param bits as oneDNN numbers instruction sets: a set has the bits of all it includes
 */
record InstructionSet(int bits) {
    /** This machine's, as oneDNN found it or was held to by ONEDNN_MAX_CPU_ISA. */
    static InstructionSet ofThisMachine() {
        return new InstructionSet(dnnl.dnnl_get_effective_cpu_isa());
    }

    /** For people. */
    String text() {
        if (includes(dnnl.dnnl_cpu_isa_avx512_core_amx)) {
            return "AVX-512 with AMX";
        }
        if (includes(dnnl.dnnl_cpu_isa_avx512_core_bf16)) {
            return "AVX-512 with bfloat16";
        }
        if (includes(dnnl.dnnl_cpu_isa_avx512_core)) {
            return "AVX-512";
        }
        if (includes(dnnl.dnnl_cpu_isa_avx2_vnni_2)) {
            return "AVX2 with bfloat16 conversions";
        }
        return includes(dnnl.dnnl_cpu_isa_avx2) ? "AVX2" : "below AVX2";
    }

    /** Whether products of bfloat16 operands run on instructions made for them. */
    boolean multipliesBfloat16() {
        return includes(dnnl.dnnl_cpu_isa_avx512_core_bf16);
    }

    private boolean includes(int set) {
        return (bits & set) == set;
    }
}
