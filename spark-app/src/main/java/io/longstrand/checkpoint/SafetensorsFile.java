package io.longstrand.checkpoint;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.RandomAccessInput;
import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads a safetensors file tensor by tensor. */
final class SafetensorsFile implements Closeable {
    private static final int LENGTH_BYTES = 8;

    private final String path;
    private final RandomAccessInput input;
    private final long dataStart;
    private final Map<String, SafetensorsHeader.Entry> entries;

    private SafetensorsFile(String path, RandomAccessInput input, long dataStart, SafetensorsHeader header) {
        this.path = path;
        this.input = input;
        this.dataStart = dataStart;
        this.entries =
                header.tensors().stream().collect(Collectors.toMap(SafetensorsHeader.Entry::name, Function.identity()));
    }

    /** @throws UserError naming file and tensor when the head does not describe the file */
    static SafetensorsFile open(FileStore store, String path) throws IOException {
        RandomAccessInput input = store.openRandomAccess(path);
        try {
            if (input.length() < LENGTH_BYTES) {
                throw new UserError(path + ": " + input.length() + " bytes are no safetensors file");
            }
            byte[] first = new byte[LENGTH_BYTES];
            input.readFully(0, first, 0, LENGTH_BYTES);
            byte[] json = new byte[SafetensorsHeader.length(path, first, input.length())];
            input.readFully(LENGTH_BYTES, json, 0, json.length);
            long dataStart = LENGTH_BYTES + (long) json.length;
            SafetensorsHeader header = SafetensorsHeader.parse(path, json, input.length() - dataStart);
            return new SafetensorsFile(path, input, dataStart, header);
        } catch (IOException | RuntimeException e) {
            input.close();
            throw e;
        }
    }

    /** Where the file is. */
    String path() {
        return path;
    }

    /**
     * A tensor's type, as the format writes it.
     *
     * @throws UserError when the file does not hold it
     */
    String type(String key) {
        return entry(key).type();
    }

    /** Reads {@code bytes} bytes of a tensor, from its byte {@code from} on, to the buffer's beginning. */
    void read(String key, long from, byte[] buffer, int bytes) throws IOException {
        SafetensorsHeader.Entry entry = entry(key);
        if (from + bytes > entry.end() - entry.begin()) {
            throw new UserError(path + ": tensor " + key + " has no bytes " + from + " to " + (from + bytes));
        }
        input.readFully(dataStart + entry.begin() + from, buffer, 0, bytes);
    }

    private SafetensorsHeader.Entry entry(String key) {
        SafetensorsHeader.Entry entry = entries.get(key);
        if (entry == null) {
            throw new UserError(path + ": has no tensor " + key);
        }
        return entry;
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
