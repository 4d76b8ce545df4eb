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
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                long in = source.address(row, column);
                long out = target.address(row, column);
                int length = pieces.length(i);
                if (conversion == Conversion.NONE) {
                    Native.copy(in, out, (long) length * inBytes);
                } else {
                    conversion.convert(in, out, length);
                }
            }
        });
    }
}
