package io.longstrand.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;

class Bfloat16Test {
    private static final int ALL = 1 << 16;

    private final ByteBuffer floats = buffer(ALL * Float.BYTES);
    private final ByteBuffer shorts = buffer(ALL * Short.BYTES);

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long at(ByteBuffer direct, int offset) {
        return new BytePointer(direct).address() + offset;
    }

    @Test
    void every_bfloat16_widens_exactly_and_narrows_back_to_itself() {
        for (int i = 0; i < ALL; i++) {
            shorts.putShort(i * Short.BYTES, (short) i);
        }
        Bfloat16.widenLoop(at(shorts, 0), at(floats, 0), ALL);
        Bfloat16.narrow(at(floats, 0), at(shorts, 0), ALL);
        for (int i = 0; i < ALL; i++) {
            assertThat(floats.getInt(i * Float.BYTES)).isEqualTo(i << 16);
            boolean signalling = Float.isNaN(Bfloat16.toFloat((short) i)) && (i & 0x40) == 0;
            assertThat(shorts.getShort(i * Short.BYTES)).isEqualTo((short) (signalling ? i | 0x40 : i));
        }
    }

    @Test
    void narrowing_takes_the_nearest_and_of_two_the_even_one() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            int upper = random.nextInt(0x7F7F) | (random.nextBoolean() ? 0x8000 : 0); // not the largest: it has no next
            int lower = i % 4 == 0 ? 0x8000 : random.nextInt(0x10000);
            BigDecimal below = new BigDecimal(Bfloat16.toFloat((short) upper));
            BigDecimal above = new BigDecimal(Bfloat16.toFloat((short) (upper + 1)));
            BigDecimal exact = new BigDecimal(Float.intBitsToFloat(upper << 16 | lower));
            int nearer =
                    exact.subtract(below).abs().compareTo(above.subtract(exact).abs());
            int expected = nearer < 0 || nearer == 0 && upper % 2 == 0 ? upper : upper + 1;
            assertThat(Bfloat16.of(exact.floatValue())).isEqualTo((short) expected);
        }
    }

    @Test
    void vectors_and_single_numbers_narrow_to_the_same_bits() {
        Random random = new Random(2);
        for (int i = 0; i < ALL; i++) {
            floats.putInt(i * Float.BYTES, random.nextInt());
        }
        int[] special = {0, 0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7F80_0001, 0x7F7F_FFFF};
        for (int i = 0; i < special.length; i++) {
            floats.putInt(i * Float.BYTES, special[i]);
        }
        Bfloat16.narrow(at(floats, 0), at(shorts, 0), ALL);
        for (int i = 0; i < ALL; i++) {
            float value = floats.getFloat(i * Float.BYTES);
            short narrow = shorts.getShort(i * Short.BYTES);
            assertThat(narrow).isEqualTo(Bfloat16.of(value));
            assertThat(Float.isNaN(Bfloat16.toFloat(narrow))).isEqualTo(Float.isNaN(value));
        }
    }

    @Test
    void sums_are_those_of_floats_rounded_and_no_number_stays_none() {
        Random random = new Random(3);
        for (int i = 0; i < ALL; i++) {
            floats.putInt(i * Float.BYTES, random.nextInt()); // left, and right 16 bits on
        }
        Bfloat16.addLoop(at(floats, 0), at(floats, Short.BYTES), at(shorts, 0), ALL);
        int none = 0;
        for (int i = 0; i < ALL; i++) {
            float left = Bfloat16.toFloat(floats.getShort(i * Short.BYTES));
            float right = Bfloat16.toFloat(floats.getShort((i + 1) * Short.BYTES));
            short sum = shorts.getShort(i * Short.BYTES);
            if (Float.isNaN(left + right)) {
                none++;
                assertThat(Bfloat16.toFloat(sum)).isNaN();
            } else {
                assertThat(sum).isEqualTo(Bfloat16.of(left + right));
            }
        }
        assertThat(none).isPositive();
    }

    @Test
    void infinite_numbers_keep_their_neighbours_as_they_are() {
        for (int i = 0; i < 64; i++) {
            floats.putFloat(i * Float.BYTES, i % 7 == 0 ? Float.NEGATIVE_INFINITY : i + 0.1f);
        }
        Bfloat16.narrow(at(floats, 0), at(shorts, 0), 64);
        for (int i = 0; i < 64; i++) {
            assertThat(shorts.getShort(i * Short.BYTES)).isEqualTo(Bfloat16.of(floats.getFloat(i * Float.BYTES)));
        }
    }

    @Test
    void stretches_of_any_length_at_any_place_touch_nothing_else() {
        for (int length = 0; length < 40; length++) {
            for (int i = 0; i < 64; i++) {
                floats.putFloat(i * Float.BYTES, i);
                shorts.putShort(i * Short.BYTES, (short) -1);
            }
            Bfloat16.narrow(at(floats, 3 * Float.BYTES), at(shorts, 5 * Short.BYTES), length);
            for (int i = 0; i < 64; i++) {
                boolean inside = i >= 5 && i < 5 + length;
                assertThat(shorts.getShort(i * Short.BYTES)).isEqualTo(inside ? Bfloat16.of(i - 2f) : -1);
            }
            Bfloat16.widenLoop(at(shorts, 5 * Short.BYTES), at(floats, 7 * Float.BYTES), length);
            for (int i = 0; i < 64; i++) {
                boolean inside = i >= 7 && i < 7 + length;
                assertThat(floats.getFloat(i * Float.BYTES)).isEqualTo(inside ? i - 4f : i);
            }
        }
    }
}
