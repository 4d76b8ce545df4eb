package io.longstrand.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.longstrand.tensor.Activation;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/** One oneDNN matmul primitive with the memory objects of its arguments, aimed at new addresses for every call. */
final class MatmulPrimitive implements AutoCloseable {
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_memory left;
    private final dnnl_memory right;
    private final dnnl_memory out;
    private final dnnl_memory bias;
    private final dnnl_memory scratchpad;
    private final dnnl_exec_arg_t arguments;
    private final int argumentCount;
    private final long scratchpadBytes;

    /** @param rightForm how right lies in memory; the caller's, and no longer needed afterwards */
    MatmulPrimitive(dnnl_engine engine, MatmulForm form, dnnl_memory_desc rightForm) {
        dnnl_memory_desc leftForm =
                new MatrixForm(form.leftType(), form.m(), form.k(), form.leftStride(), form.transposeLeft()).describe();
        dnnl_memory_desc outForm =
                new MatrixForm(form.outType(), form.m(), form.n(), form.outStride(), false).describe();
        dnnl_memory_desc biasForm = form.biasType()
                .map(type -> new MatrixForm(type, 1, form.n(), form.n(), false).describe())
                .orElse(null);
        dnnl_primitive_attr attributes = attributes(form);
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        OneDnn.check(
                dnnl.dnnl_matmul_primitive_desc_create(
                        description, engine, leftForm, rightForm, biasForm, outForm, attributes),
                form.toString());
        OneDnn.check(dnnl.dnnl_primitive_create(primitive, description), form.toString());
        dnnl_memory_desc scratchForm = dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
        scratchpadBytes = scratchForm == null ? 0 : dnnl.dnnl_memory_desc_get_size(scratchForm);
        left = memory(engine, leftForm);
        right = memory(engine, rightForm);
        out = memory(engine, outForm);
        bias = biasForm == null ? null : memory(engine, biasForm);
        scratchpad = scratchpadBytes == 0 ? null : memory(engine, scratchForm);
        arguments = new dnnl_exec_arg_t(5);
        int count = 0;
        argument(count++, DNNL_ARG_SRC, left);
        argument(count++, DNNL_ARG_WEIGHTS, right);
        argument(count++, DNNL_ARG_DST, out);
        if (bias != null) {
            argument(count++, DNNL_ARG_BIAS, bias);
        }
        if (scratchpad != null) {
            argument(count++, DNNL_ARG_SCRATCHPAD, scratchpad);
        }
        arguments.position(0);
        argumentCount = count;
        dnnl.dnnl_primitive_desc_destroy(description);
        dnnl.dnnl_primitive_attr_destroy(attributes);
        dnnl.dnnl_memory_desc_destroy(leftForm);
        dnnl.dnnl_memory_desc_destroy(outForm);
        if (biasForm != null) {
            dnnl.dnnl_memory_desc_destroy(biasForm);
        }
    }

    private static dnnl_primitive_attr attributes(MatmulForm form) {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        OneDnn.check(dnnl.dnnl_primitive_attr_create(attributes), "attributes");
        OneDnn.check(
                dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                "scratchpad mode");
        dnnl_post_ops last = new dnnl_post_ops();
        OneDnn.check(dnnl.dnnl_post_ops_create(last), "post-operations");
        if (form.accumulate()) {
            OneDnn.check(dnnl.dnnl_post_ops_append_sum(last, 1f, 0, dnnl.dnnl_data_type_undef), "sum");
        }
        if (form.activation() == Activation.GELU) {
            OneDnn.check(dnnl.dnnl_post_ops_append_eltwise(last, dnnl.dnnl_eltwise_gelu_tanh, 0f, 0f), "GELU");
        }
        OneDnn.check(dnnl.dnnl_primitive_attr_set_post_ops(attributes, last), "post-operations");
        dnnl.dnnl_post_ops_destroy(last);
        return attributes;
    }

    /** Memory that is aimed later. */
    static dnnl_memory memory(dnnl_engine engine, dnnl_memory_desc form) {
        dnnl_memory memory = new dnnl_memory();
        OneDnn.check(dnnl.dnnl_memory_create(memory, form, engine, new NativeAddress()), "memory");
        return memory;
    }

    private void argument(int position, int name, dnnl_memory memory) {
        arguments.position(position).arg(name).memory(memory);
    }

    /** Bytes of scratch one execution needs. */
    long scratchpadBytes() {
        return scratchpadBytes;
    }

    /** Computes; addresses of 0 stand for what this form does not have. */
    void execute(
            dnnl_stream stream,
            NativeAddress address,
            long leftAddress,
            long rightAddress,
            long outAddress,
            long biasAddress,
            long scratchpadAddress) {
        int status = dnnl.dnnl_memory_set_data_handle(left, address.set(leftAddress))
                | dnnl.dnnl_memory_set_data_handle(right, address.set(rightAddress))
                | dnnl.dnnl_memory_set_data_handle(out, address.set(outAddress));
        if (bias != null) {
            status |= dnnl.dnnl_memory_set_data_handle(bias, address.set(biasAddress));
        }
        if (scratchpad != null) {
            status |= dnnl.dnnl_memory_set_data_handle(scratchpad, address.set(scratchpadAddress));
        }
        OneDnn.check(
                status | dnnl.dnnl_primitive_execute(primitive, stream, argumentCount, arguments), "matrix product");
    }

    @Override
    public void close() {
        dnnl.dnnl_primitive_destroy(primitive);
        dnnl.dnnl_memory_destroy(left);
        dnnl.dnnl_memory_destroy(right);
        dnnl.dnnl_memory_destroy(out);
        if (bias != null) {
            dnnl.dnnl_memory_destroy(bias);
        }
        if (scratchpad != null) {
            dnnl.dnnl_memory_destroy(scratchpad);
        }
        arguments.deallocate();
    }
}
