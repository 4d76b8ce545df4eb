package io.longstrand.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longstrand.config.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The head of a safetensors file (huggingface/safetensors, format description): eight bytes of length, little-endian,
 * then JSON that names each tensor, its type, shape and bytes. Tensor data follow without gaps.
 *
 * @param tensors in the order of their bytes
 */
record SafetensorsHeader(List<Entry> tensors) {
    /** No writer makes longer ones; a damaged length must not exhaust memory. The format's own limit. */
    static final long LONGEST = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * One tensor.
     *
     * @param name its key in the file
     * @param type type as the format writes it: {@code F32}, {@code BF16}, {@code I32}
     * @param shape sizes of the dimensions
     * @param begin first byte, counted from the end of the head
     * @param end one past the last byte
     */
    record Entry(String name, String type, List<Long> shape, long begin, long end) {
        Entry {
            shape = List.copyOf(shape);
        }

        /** Number of elements. */
        long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }
    }

    SafetensorsHeader {
        tensors = List.copyOf(tensors);
    }

    /** The head as written, length included: a multiple of eight bytes, so the data are aligned. */
    byte[] bytes() {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("__metadata__").put("format", "longstrand");
        for (Entry tensor : tensors) {
            ObjectNode node = root.putObject(tensor.name());
            node.put("dtype", tensor.type());
            ArrayNode shape = node.putArray("shape");
            tensor.shape().forEach(shape::add);
            node.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }

    /**
     * Length of the JSON, read from a file's first eight bytes.
     *
     * @throws UserError when it is longer than the file or than any honest head
     */
    static int length(String path, byte[] first, long fileBytes) {
        long length = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > LONGEST || length > fileBytes - LENGTH_BYTES) {
            throw new UserError(path + ": byte 0: a head of " + length + " bytes does not fit a safetensors file of "
                    + fileBytes + " bytes");
        }
        return (int) length;
    }

    /**
     * Reads the JSON.
     *
     * @param dataBytes bytes of the file behind the head
     * @throws UserError naming the tensor whose type, shape or bytes cannot be
     */
    static SafetensorsHeader parse(String path, byte[] json, long dataBytes) {
        JsonNode root;
        try {
            root = JSON.readTree(new String(json, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new UserError(path + ": the head is not JSON, so this is no safetensors file", e);
        }
        if (!root.isObject()) {
            throw new UserError(path + ": the head is not a JSON object, so this is no safetensors file");
        }
        List<Entry> entries = new ArrayList<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = root.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(path, field.getKey(), field.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long at = 0;
        for (Entry entry : entries) {
            if (entry.begin() != at) {
                throw lie(
                        path,
                        entry.name(),
                        "begins at byte " + entry.begin() + " of the data where byte " + at
                                + " is next: tensors may neither overlap nor leave gaps");
            }
            at = entry.end();
        }
        if (at != dataBytes) {
            throw new UserError(path + ": its head describes " + at + " bytes of data, the file holds " + dataBytes);
        }
        return new SafetensorsHeader(entries);
    }

    private static Entry entry(String path, String name, JsonNode node) {
        JsonNode shape = node.path("shape");
        JsonNode offsets = node.path("data_offsets");
        if (!node.path("dtype").isTextual() || !shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw lie(path, name, "lacks dtype, shape or two data_offsets");
        }
        List<Long> sizes = new ArrayList<>();
        for (JsonNode size : shape) {
            sizes.add(natural(path, name, size));
        }
        long begin = natural(path, name, offsets.get(0));
        long end = natural(path, name, offsets.get(1));
        Entry entry = new Entry(name, node.path("dtype").asText(), sizes, begin, end);
        long bytes;
        try {
            bytes = Math.multiplyExact(entry.elements(), elementBytes(path, entry));
        } catch (ArithmeticException e) {
            throw new UserError(path + ": tensor " + name + " has an impossible shape " + sizes, e);
        }
        if (end - begin != bytes) {
            throw lie(path, name, "of shape " + sizes + " takes " + bytes + " bytes, not " + begin + " to " + end);
        }
        return entry;
    }

    private static long natural(String path, String name, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < 0) {
            throw lie(path, name, "has " + node + " where a size or an offset belongs");
        }
        return node.asLong();
    }

    private static long elementBytes(String path, Entry entry) {
        return switch (entry.type()) {
            case "F64", "I64", "U64" -> 8;
            case "F32", "I32", "U32" -> 4;
            case "F16", "BF16", "I16", "U16" -> 2;
            case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2" -> 1;
            default -> throw lie(path, entry.name(), "has the unknown type " + entry.type());
        };
    }

    private static UserError lie(String path, String name, String what) {
        return new UserError(path + ": tensor " + name + " " + what);
    }
}
