package io.longstrand.comm.nccl;

import io.longstrand.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;

/** Numbers at addresses of this process. */
final class Numbers {
    private Numbers() {}

    private static final class At extends BytePointer {
        At(long address) {
            this.address = address;
        }
    }

    static byte[] read(long address, long bytes) {
        byte[] content = new byte[Math.toIntExact(bytes)];
        new At(address).capacity(bytes).get(content);
        return content;
    }

    static void write(byte[] content, long address) {
        new At(address).capacity(content.length).put(content);
    }

    static void copy(long from, long to, long bytes) {
        write(read(from, bytes), to);
    }

    /** In the order given, {@code ((x₀ + x₁) + x₂) + …}, BFLOAT16 rounded once. */
    static byte[] sum(List<Long> addresses, long count, DataType type) {
        long bytes = count * type.bytes();
        List<ByteBuffer> terms = addresses.stream()
                .map(address -> ByteBuffer.wrap(read(address, bytes)).order(ByteOrder.LITTLE_ENDIAN))
                .toList();
        ByteBuffer sums = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes; at += type.bytes()) {
            switch (type) {
                case FLOAT32 -> {
                    float sum = terms.get(0).getFloat(at);
                    for (ByteBuffer term : terms.subList(1, terms.size())) {
                        sum += term.getFloat(at);
                    }
                    sums.putFloat(at, sum);
                }
                case BFLOAT16 -> {
                    float sum = wide(terms.get(0).getShort(at));
                    for (ByteBuffer term : terms.subList(1, terms.size())) {
                        sum += wide(term.getShort(at));
                    }
                    sums.putShort(at, nearest(sum));
                }
                case INT32 -> {
                    int sum = 0;
                    for (ByteBuffer term : terms) {
                        sum += term.getInt(at);
                    }
                    sums.putInt(at, sum);
                }
            }
        }
        return sums.array();
    }

    private static float wide(short half) {
        return Float.intBitsToFloat(half << 16);
    }

    private static short nearest(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
