package io.longstrand.metrics;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * TFRecords that hold {@code tensorflow.Event} protocol buffers (tensorflow/core/util/event.proto, summary.proto):
 * length, its masked CRC-32C, message, its masked CRC-32C, little-endian.
 */
final class TensorBoardRecord {
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    /** {@code Event{wall_time = 1, file_version = 3}}: the first record of a file. */
    byte[] version(double wallTime, String version) {
        Message event = new Message();
        event.fixed64(1, wallTime);
        event.bytes(3, version.getBytes(StandardCharsets.UTF_8));
        return framed(event.toBytes());
    }

    /** {@code Event{wall_time = 1, step = 2, session_log = 7 {status = 1: START}}}: later steps begin anew here. */
    byte[] sessionStart(double wallTime, long step) {
        Message session = new Message();
        session.varint(1, 1);
        Message event = new Message();
        event.fixed64(1, wallTime);
        event.varint(2, step);
        event.bytes(7, session.toBytes());
        return framed(event.toBytes());
    }

    /** {@code Event{wall_time = 1, step = 2, summary = 5 {value = 1 {tag = 1, simple_value = 2}}}}. */
    byte[] scalar(double wallTime, long step, String tag, float number) {
        Message value = new Message();
        value.bytes(1, tag.getBytes(StandardCharsets.UTF_8));
        value.fixed32(2, number);
        Message summary = new Message();
        summary.bytes(1, value.toBytes());
        Message event = new Message();
        event.fixed64(1, wallTime);
        event.varint(2, step);
        event.bytes(5, summary.toBytes());
        return framed(event.toBytes());
    }

    private static byte[] framed(byte[] message) {
        byte[] length = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(message.length)
                .array();
        return ByteBuffer.allocate(16 + message.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(length)
                .putInt(maskedChecksum(length))
                .put(message)
                .putInt(maskedChecksum(message))
                .array();
    }

    /** Masked, because a CRC of data that holds CRCs is weak: rotated right by 15 bits, plus a constant. */
    static int maskedChecksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
    }

    /** The wire format of protocol buffers, as far as events need it. */
    private static final class Message {
        private final ByteArrayOutputStream output = new ByteArrayOutputStream();

        void varint(int field, long value) {
            key(field, VARINT);
            number(value);
        }

        void fixed64(int field, double value) {
            key(field, FIXED64);
            output.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putDouble(value)
                    .array());
        }

        void fixed32(int field, float value) {
            key(field, FIXED32);
            output.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(value)
                    .array());
        }

        void bytes(int field, byte[] value) {
            key(field, BYTES);
            number(value.length);
            output.writeBytes(value);
        }

        byte[] toBytes() {
            return output.toByteArray();
        }

        private void key(int field, int wireType) {
            number((long) field << 3 | wireType);
        }

        /** Seven bits a byte, the lowest first. */
        private void number(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                output.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            output.write((int) rest);
        }
    }
}
