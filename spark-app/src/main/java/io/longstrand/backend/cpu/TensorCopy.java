package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;

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
            long next;
            for (long i = first; i < end; i = next) {
                next = conversion == Conversion.NONE ? pieces.endOfRow(i, end) : i + 1;
                long in = source.address(pieces.row(i), pieces.column(i));
                long out = target.address(pieces.row(i), pieces.column(i));
                if (conversion == Conversion.NONE) {
                    Native.copy(in, out, pieces.length(i, next) * inBytes);
                } else {
                    conversion.convert(in, out, pieces.length(i));
                }
            }
        });
    }
}
