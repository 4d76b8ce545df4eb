package io.longstrand.comm.tcp;

import io.longstrand.comm.Failure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** A failure as it travels: rank and three strings, cut so that it fits a frame. */
final class FailureText {
    private static final int MOST_CHARACTERS = 600; // three bytes each at most, and three of them

    private FailureText() {}

    static byte[] write(Failure failure) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(failure.rank());
            for (String text : new String[] {failure.host(), failure.operation(), failure.reason()}) {
                out.writeUTF(text.substring(0, Math.min(text.length(), MOST_CHARACTERS)));
            }
        } catch (IOException impossible) {
            throw new IllegalStateException("an array takes every byte", impossible);
        }
        return bytes.toByteArray();
    }

    static Failure read(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return new Failure(in.readInt(), in.readUTF(), in.readUTF(), in.readUTF());
        }
    }
}
