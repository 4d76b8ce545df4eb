package io.longstrand.storage;

import io.longstrand.config.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a stream of bytes, written as 64 lower-case hexadecimal digits, as {@code sha256sum} prints it. */
public final class Checksum {
    private static final int BUFFER_BYTES = 1 << 17;

    private final MessageDigest digest;

    public Checksum() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Adds {@code bytes[offset, offset + length)}. */
    public void update(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
    }

    /** The checksum of all bytes so far; starts anew afterwards. */
    public String value() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The checksum of a whole file. */
    public static String ofFile(FileStore store, String path) throws IOException {
        try (InputStream input = store.open(path)) {
            Checksum checksum = new Checksum();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                checksum.update(buffer, 0, read);
            }
            return checksum.value();
        }
    }

    /** @throws UserError naming the file when its bytes are not those that {@code expected} was taken from */
    public static void verify(FileStore store, String path, String expected) throws IOException {
        String found = ofFile(store, path);
        if (!found.equals(expected)) {
            throw new UserError(path + ": SHA-256 is " + found + ", recorded was " + expected
                    + ": the file was damaged or changed; restore it or make it again");
        }
    }
}
