package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Rotary position embedding (Su et al. 2021), half-split form, in place. */
final class Rotary {
    private final LanePool lanes;
    private final Scratch widened;

    Rotary(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    void apply(Tensor inOut, int headSize, Tensor positions, Tensor cosines, Tensor sines, boolean inverse) {
        if (headSize < 2 || headSize % 2 != 0 || inOut.columns() % headSize != 0) {
            throw new IllegalArgumentException(
                    "head size " + headSize + " does not fit rows of " + inOut.columns() + " elements");
        }
        int half = headSize / 2;
        long entries = cosines.rows();
        int columns = Math.toIntExact(inOut.columns());
        FloatOperands.Operand values = new FloatOperands(widened, columns).of(inOut, "inOut");
        Rows position = Rows.integers(positions, inOut.rows(), "positions");
        Rows cosine = Rows.floats(cosines, entries, half, "cosines");
        Rows sine = Rows.floats(sines, entries, half, "sines");
        int heads = columns / headSize;
        float direction = inverse ? -1f : 1f;
        lanes.ranges(inOut.rows(), Pieces.rowGrain(columns), (first, end, lane) -> {
            FloatSpan row = values.on(lane);
            for (long token = first; token < end; token++) {
                int entry = position.getInt(token);
                if (entry < 0 || entry >= entries) {
                    throw new IllegalArgumentException("position " + entry + " at token " + token
                            + " is outside the tables of " + entries + " rows");
                }
                row.read(token, columns);
                turnLoop(row.address(), heads, half, cosine.address(entry), sine.address(entry), direction);
                row.write();
            }
        });
    }

    private static void turnLoop(long values, int heads, int half, long cosines, long sines, float direction) {
        FloatVector vDirection = Floats.all(direction);
        int halfBytes = half * Float.BYTES;
        int whole = Floats.whole(half) * Float.BYTES;
        for (int head = 0; head < heads; head++) {
            long lower = values + head * 2 * halfBytes;
            long upper = lower + halfBytes;
            for (int i = 0; i < whole; i += Floats.BYTES) {
                FloatVector cosine = Floats.load(cosines + i);
                FloatVector sine = Floats.load(sines + i).mul(vDirection);
                FloatVector x = Floats.load(lower + i);
                FloatVector y = Floats.load(upper + i);
                Floats.store(x.mul(cosine).sub(y.mul(sine)), lower + i);
                Floats.store(y.mul(cosine).add(x.mul(sine)), upper + i);
            }
            for (int i = whole; i < halfBytes; i += Float.BYTES) {
                float cosine = Native.getFloat(cosines + i);
                float sine = Native.getFloat(sines + i) * direction;
                float x = Native.getFloat(lower + i);
                float y = Native.getFloat(upper + i);
                Native.putFloat(lower + i, x * cosine - y * sine);
                Native.putFloat(upper + i, y * cosine + x * sine);
            }
        }
    }
}
