package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;

/** Copies elements between tensors of one shape, in either place, converting them where the types differ. */
final class TensorCopy {
    private final LanePool lanes;

    TensorCopy(LanePool lanes) {
        this.lanes = lanes;
    }

    void copy(Tensor from, Tensor to) {
        Pieces pieces = Pieces.ofBytes(from, to);
        Rows source = Rows.of(from, "from");
        Rows target = Rows.of(to, "to");
        Conversion conversion = Conversion.between(from.type(), to.type());
        int inBytes = from.type().bytes();
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                ByteBuffer in = source.buffer(row, column);
                ByteBuffer out = target.buffer(row, column);
                int inAt = source.at(row, column);
                int outAt = target.at(row, column);
                int length = pieces.length(i);
                if (conversion == Conversion.NONE) {
                    out.put(outAt, in, inAt, length * inBytes);
                } else {
                    conversion.convert(in, inAt, out, outAt, length);
                }
            }
        });
    }
}
