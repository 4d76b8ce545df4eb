package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
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
                turnLoop(
                        row.buffer(),
                        row.at(),
                        heads,
                        half,
                        cosine.buffer(entry),
                        cosine.at(entry),
                        sine.buffer(entry),
                        sine.at(entry),
                        direction);
                row.write();
            }
        });
    }

    private static void turnLoop(
            ByteBuffer values,
            int at,
            int heads,
            int half,
            ByteBuffer cosines,
            int cosinesAt,
            ByteBuffer sines,
            int sinesAt,
            float direction) {
        FloatVector vDirection = Floats.all(direction);
        int halfBytes = half * Float.BYTES;
        int whole = Floats.whole(half) * Float.BYTES;
        for (int head = 0; head < heads; head++) {
            int lower = at + head * 2 * halfBytes;
            int upper = lower + halfBytes;
            for (int i = 0; i < whole; i += Floats.BYTES) {
                FloatVector cosine = Floats.load(cosines, cosinesAt + i);
                FloatVector sine = Floats.load(sines, sinesAt + i).mul(vDirection);
                FloatVector x = Floats.load(values, lower + i);
                FloatVector y = Floats.load(values, upper + i);
                Floats.store(x.mul(cosine).sub(y.mul(sine)), values, lower + i);
                Floats.store(y.mul(cosine).add(x.mul(sine)), values, upper + i);
            }
            for (int i = whole; i < halfBytes; i += Float.BYTES) {
                float cosine = cosines.getFloat(cosinesAt + i);
                float sine = sines.getFloat(sinesAt + i) * direction;
                float x = values.getFloat(lower + i);
                float y = values.getFloat(upper + i);
                values.putFloat(lower + i, x * cosine - y * sine);
                values.putFloat(upper + i, y * cosine + x * sine);
            }
        }
    }
}
