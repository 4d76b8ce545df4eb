package io.longstrand.comm;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/** Random tensors and, written without regard to speed, what must become of them. */
final class Vectors {
    private Vectors() {}

    /** Values of a rank, the same for the same seed: all magnitudes, so that another order of sums gives other bits. */
    static Tensor random(DataType type, long elements, long seed) {
        Tensor tensor = DirectMemory.tensor(type, elements);
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer bytes = tensor.hostBytes();
        while (bytes.hasRemaining()) {
            int bits = random.nextInt();
            int exponent = 115 + (bits >>> 27); // 2⁻¹² to 2¹⁹
            int number = (bits & 0x807FFFFF) | exponent << 23;
            switch (type) {
                case FLOAT32 -> bytes.putInt(number);
                case BFLOAT16 -> bytes.putShort((short) (number >>> 16));
                case INT32 -> bytes.putInt(bits);
            }
        }
        return tensor;
    }

    /** Elements {@code from} to {@code to} of a tensor, in the same memory. */
    static Tensor part(Tensor tensor, long from, long to) {
        return tensor.columns(from, to);
    }

    /** The sum in the order given. */
    static byte[] sum(List<Tensor> terms) {
        DataType type = terms.get(0).type();
        Tensor sum = DirectMemory.tensor(type, terms.get(0).elements());
        ByteBuffer result = sum.hostBytes();
        List<ByteBuffer> all = terms.stream().map(Tensor::hostBytes).toList();
        while (result.hasRemaining()) {
            switch (type) {
                case FLOAT32 -> {
                    float total = all.get(0).getFloat();
                    for (ByteBuffer term : all.subList(1, all.size())) {
                        total += term.getFloat();
                    }
                    result.putFloat(total);
                }
                case BFLOAT16 -> {
                    float total = widened(all.get(0));
                    for (ByteBuffer term : all.subList(1, all.size())) {
                        total += widened(term);
                    }
                    result.putShort(nearest(total));
                }
                case INT32 ->
                    result.putInt(all.stream().mapToInt(ByteBuffer::getInt).sum());
            }
        }
        return bytes(sum);
    }

    static byte[] bytes(Tensor tensor) {
        byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
        tensor.hostBytes().get(bytes);
        return bytes;
    }

    private static float widened(ByteBuffer term) {
        return Float.intBitsToFloat(term.getShort() << 16);
    }

    /** The bfloat16 whose distance is least; of two the one with an even last bit. */
    private static short nearest(float value) {
        int below = Float.floatToIntBits(value) & 0xFFFF0000;
        int above = below + 0x10000; // the next one away from zero
        double down = Math.abs((double) value - Float.intBitsToFloat(below));
        double up = Math.abs((double) Float.intBitsToFloat(above) - value);
        boolean evenBelow = (below & 0x10000) == 0;
        return (short) ((down < up || (down == up && evenBelow) ? below : above) >>> 16);
    }
}
