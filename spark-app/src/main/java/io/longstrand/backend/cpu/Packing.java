package io.longstrand.backend.cpu;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/** One oneDNN reorder: copies a matrix into another arrangement of the same elements. */
final class Packing implements AutoCloseable {
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_memory from;
    private final dnnl_memory to;
    private final dnnl_memory scratchpad;
    private final dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(3);
    private final int argumentCount;
    private final long scratchpadBytes;

    /** @param fromForm the matrix as it lies @param toForm as it is wanted; both stay the caller's */
    Packing(dnnl_engine engine, dnnl_memory_desc fromForm, dnnl_memory_desc toForm) {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        OneDnn.check(dnnl.dnnl_primitive_attr_create(attributes), "attributes");
        OneDnn.check(
                dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                "scratchpad mode");
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        OneDnn.check(
                dnnl.dnnl_reorder_primitive_desc_create(description, fromForm, engine, toForm, engine, attributes),
                "packing");
        OneDnn.check(dnnl.dnnl_primitive_create(primitive, description), "packing");
        dnnl_memory_desc scratchForm = dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
        scratchpadBytes = scratchForm == null ? 0 : dnnl.dnnl_memory_desc_get_size(scratchForm);
        from = MatmulPrimitive.memory(engine, fromForm);
        to = MatmulPrimitive.memory(engine, toForm);
        scratchpad = scratchpadBytes == 0 ? null : MatmulPrimitive.memory(engine, scratchForm);
        arguments.position(0).arg(dnnl.DNNL_ARG_FROM).memory(from);
        arguments.position(1).arg(dnnl.DNNL_ARG_TO).memory(to);
        if (scratchpad != null) {
            arguments.position(2).arg(dnnl.DNNL_ARG_SCRATCHPAD).memory(scratchpad);
        }
        arguments.position(0);
        argumentCount = scratchpad == null ? 2 : 3;
        dnnl.dnnl_primitive_desc_destroy(description);
        dnnl.dnnl_primitive_attr_destroy(attributes);
    }

    /** Bytes of scratch one execution needs. */
    long scratchpadBytes() {
        return scratchpadBytes;
    }

    /** Copies; a scratchpad address of 0 stands for none. */
    void execute(dnnl_stream stream, NativeAddress address, long fromAddress, long toAddress, long scratchpadAddress) {
        int status = dnnl.dnnl_memory_set_data_handle(from, address.set(fromAddress))
                | dnnl.dnnl_memory_set_data_handle(to, address.set(toAddress));
        if (scratchpad != null) {
            status |= dnnl.dnnl_memory_set_data_handle(scratchpad, address.set(scratchpadAddress));
        }
        OneDnn.check(status | dnnl.dnnl_primitive_execute(primitive, stream, argumentCount, arguments), "packing");
    }

    @Override
    public void close() {
        dnnl.dnnl_primitive_destroy(primitive);
        dnnl.dnnl_memory_destroy(from);
        dnnl.dnnl_memory_destroy(to);
        if (scratchpad != null) {
            dnnl.dnnl_memory_destroy(scratchpad);
        }
        arguments.deallocate();
    }
}
