package io.longstrand.genome.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenShardTest {
    // Two documents, uint16: sequences of 3 and 2 tokens, then one of 1. Written down from the format, field by field:
    // magic, version, type code, sequences, document bounds, lengths (int32), pointers (int64), bounds (int64).
    private static final String INDEX = "4d4d49444944580000" + "0100000000000000" + "08" + "0300000000000000"
            + "0300000000000000" + "03000000" + "02000000" + "01000000" + "0000000000000000" + "0600000000000000"
            + "0a00000000000000" + "0000000000000000" + "0200000000000000" + "0300000000000000";
    private static final String DATA = "0100" + "0203" + "ffff" + "0400" + "0500" + "0600";

    @TempDir
    Path directory;

    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final ByteArrayOutputStream index = new ByteArrayOutputStream();

    @Test
    void the_files_are_a_megatron_lm_indexed_dataset_byte_for_byte() throws IOException {
        try (TokenShardWriter writer = new TokenShardWriter(data, index, TokenType.UINT16, directory)) {
            writer.beginDocument(2);
            writer.append(1, new int[] {4, 5}, 0, 2);
            writer.append(0, new int[] {1, 0x302, 0xffff}, 0, 3);
            assertThat(writer.endDocument())
                    .containsExactly(new WrittenSequence(0, 0, 3, 0), new WrittenSequence(1, 0, 2, 1));
            writer.beginDocument(1);
            writer.append(0, new int[] {9, 6, 9}, 1, 2);
            assertThat(writer.endDocument()).containsExactly(new WrittenSequence(0, 0, 1, 2));
        }
        assertThat(HexFormat.of().formatHex(index.toByteArray())).isEqualTo(INDEX);
        assertThat(HexFormat.of().formatHex(data.toByteArray())).isEqualTo(DATA);
        try (var left = Files.list(directory)) {
            assertThat(left).as("spool files").isEmpty();
        }
    }

    @Test
    void reading_gives_back_every_token_and_document() throws IOException {
        try (TokenShardReader reader =
                open(HexFormat.of().parseHex(INDEX), HexFormat.of().parseHex(DATA))) {
            int[] tokens = new int[4];
            reader.read(0, 1, tokens, 2, 2);
            assertThat(tokens).containsExactly(0, 0, 0x302, 0xffff);
            reader.read(2, 0, tokens, 0, 1);
            assertThat(tokens[0]).isEqualTo(6);
            assertThat(reader.type()).isEqualTo(TokenType.UINT16);
            assertThat(reader.documents()).isEqualTo(2);
            assertThat(reader.firstSequence(1)).isEqualTo(2);
            assertThatThrownBy(() -> reader.read(1, 1, tokens, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void a_stream_longer_than_a_sequence_may_be_becomes_several_of_the_same_document() throws IOException {
        try (TokenShardWriter writer = new TokenShardWriter(data, index, TokenType.UINT8, directory, 4)) {
            writer.beginDocument(1);
            writer.append(0, new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, 0, 9);
            assertThat(writer.endDocument())
                    .containsExactly(
                            new WrittenSequence(0, 0, 4, 0),
                            new WrittenSequence(0, 4, 4, 1),
                            new WrittenSequence(0, 8, 1, 2));
        }
        try (TokenShardReader reader = open(index.toByteArray(), data.toByteArray())) {
            assertThat(reader.documents()).isEqualTo(1);
            assertThat(reader.sequences()).isEqualTo(3);
            int[] token = new int[1];
            reader.read(2, 0, token, 0, 1);
            assertThat(token[0]).isEqualTo(8);
        }
    }

    @Test
    void a_damaged_index_is_refused_with_file_and_byte() {
        byte[] index = HexFormat.of().parseHex(INDEX);
        byte[] data = HexFormat.of().parseHex(DATA);
        for (var damage : List.of(
                new Damage(0, 'X', "byte 0: not an indexed dataset"),
                new Damage(9, 2, "version 2 of the format; it should be 1"),
                new Damage(17, 3, "byte 17: token type 3"),
                new Damage(18, 4, "do not fit 4 sequences"),
                new Damage(42, 2, "sequence 2 (2 tokens at byte 10) does not lie inside"),
                new Damage(61, 0x80, "does not lie inside"))) {
            byte[] damaged = index.clone();
            damaged[damage.at()] = (byte) damage.value();
            assertThatThrownBy(() -> open(damaged, data))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("s.idx: ")
                    .hasMessageContaining(damage.message());
        }
        assertThatThrownBy(() -> open(new byte[5], data)).hasMessageContaining("5 bytes are too few");
    }

    private record Damage(int at, int value, String message) {}

    private TokenShardReader open(byte[] indexBytes, byte[] dataBytes) throws IOException {
        Path dataPath = Files.write(directory.resolve("s.bin"), dataBytes);
        Path indexPath = Files.write(directory.resolve("s.idx"), indexBytes);
        return TokenShardReader.open(FileStore.local(), dataPath.toString(), indexPath.toString());
    }
}
