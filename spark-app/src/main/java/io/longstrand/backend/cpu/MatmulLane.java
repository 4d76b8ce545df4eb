package io.longstrand.backend.cpu;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/** What one lane needs to multiply without waiting for the others: a stream, and its own primitives by form. */
final class MatmulLane implements AutoCloseable {
    /** Primitives kept; generation makes a new form for every token, training a few dozen in all. */
    private static final int MOST_PRIMITIVES = 1024;

    private final dnnl_engine engine;
    private final dnnl_stream stream = new dnnl_stream();
    private final NativeAddress address = new NativeAddress();
    private final Map<MatmulForm, MatmulPrimitive> primitives = new LinkedHashMap<>(64, 0.75f, true);
    private MatmulForm lastForm;
    private MatmulPrimitive last;

    MatmulLane(dnnl_engine engine) {
        this.engine = engine;
        OneDnn.check(dnnl.dnnl_stream_create(stream, engine, dnnl.dnnl_stream_default_flags), "stream");
    }

    /** The primitive of a form, made when it is first asked for. */
    MatmulPrimitive primitive(MatmulForm form) {
        if (form.equals(lastForm)) {
            return last;
        }
        MatmulPrimitive found = primitives.get(form);
        if (found == null) {
            found = new MatmulPrimitive(engine, form);
            primitives.put(form, found);
            dropOldest();
        }
        lastForm = form;
        last = found;
        return found;
    }

    private void dropOldest() {
        if (primitives.size() > MOST_PRIMITIVES) {
            Map.Entry<MatmulForm, MatmulPrimitive> oldest =
                    primitives.entrySet().iterator().next();
            primitives.remove(oldest.getKey());
            oldest.getValue().close();
        }
    }

    dnnl_stream stream() {
        return stream;
    }

    NativeAddress address() {
        return address;
    }

    @Override
    public void close() {
        primitives.values().forEach(MatmulPrimitive::close);
        dnnl.dnnl_stream_destroy(stream);
    }
}
