package io.longstrand.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SafetensorsHeaderTest {
    private static SafetensorsHeader parse(String json, long dataBytes) {
        return SafetensorsHeader.parse("m.safetensors", json.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    private static void refused(String json, long dataBytes, String... what) {
        assertThatThrownBy(() -> parse(json, dataBytes))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("m.safetensors: ")
                .hasMessageContainingAll(what);
    }

    @Test
    void the_layout_is_the_one_of_the_format() {
        SafetensorsHeader header =
                new SafetensorsHeader(List.of(new SafetensorsHeader.Entry("a.weight", "F32", List.of(2L, 3L), 0, 24)));

        byte[] bytes = header.bytes();

        String json = "{\"__metadata__\":{\"format\":\"longstrand\"},"
                + "\"a.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}";
        long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(length).isEqualTo(bytes.length - 8).isGreaterThanOrEqualTo(json.length());
        assertThat(bytes.length % 8).isZero();
        String written = new String(bytes, 8, bytes.length - 8, StandardCharsets.UTF_8);
        assertThat(written.stripTrailing()).isEqualTo(json);
        assertThat(written.substring(json.length())).isBlank();
        assertThat(parse(written, 24)).isEqualTo(header);
    }

    @Test
    void tensors_outside_the_file_are_refused() {
        refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4, "8 bytes", "holds 4");
    }

    @Test
    void overlapping_tensors_are_refused() {
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                12,
                "tensor b",
                "overlap");
    }

    @Test
    void gaps_are_refused() {
        refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "tensor a", "gaps");
    }

    @Test
    void a_shape_that_does_not_fill_its_bytes_is_refused() {
        refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "tensor a", "12 bytes");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
                8,
                "impossible shape");
        refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "tensor a", "-2");
    }

    @Test
    void an_unknown_type_is_refused() {
        refused("{\"a\":{\"dtype\":\"Q4\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "unknown type Q4");
    }

    @Test
    void a_head_that_is_no_object_is_refused() {
        refused("[1]", 0, "JSON object");
        refused("nonsense", 0, "not JSON");
        refused("{\"a\":1}", 0, "tensor a");
        refused("{\"a\":{},\"a\":{}}", 0, "not JSON");
    }

    @Test
    void a_head_longer_than_the_file_is_refused_before_it_is_read() {
        byte[] first = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(50_000_000)
                .array();
        assertThatThrownBy(() -> SafetensorsHeader.length("m.safetensors", first, 1000))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a head of 50000000 bytes does not fit a safetensors file of 1000 bytes");
        byte[] negative = {-1, -1, -1, -1, -1, -1, -1, -1};
        assertThatThrownBy(() -> SafetensorsHeader.length("m.safetensors", negative, 1000))
                .isInstanceOf(UserError.class);
    }

    @Property(tries = 300)
    void any_bytes_give_a_header_or_a_user_error(@ForAll byte[] json) {
        try {
            assertThat(SafetensorsHeader.parse("m.safetensors", json, 8).tensors())
                    .allMatch(tensor -> tensor.end() <= 8);
        } catch (UserError e) {
            assertThat(e).hasMessageStartingWith("m.safetensors: ");
        }
    }
}
