package io.longstrand.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The expected bytes come from an independent encoder written from the format's specification. */
class TensorBoardRecordTest {
    private final TensorBoardRecord record = new TensorBoardRecord();

    @Test
    void the_version_record_is_the_specified_bytes() {
        assertThat(hex(record.version(1.5, "brain.Event:2")))
                .isEqualTo("1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c");
    }

    @Test
    void a_session_start_is_the_specified_bytes() {
        assertThat(hex(record.sessionStart(1.5, 301)))
                .isEqualTo("100000000000000095fbfe1809000000000000f83f10ad023a020801d17949d4");
    }

    @Test
    void a_scalar_is_the_specified_bytes() {
        assertThat(hex(record.scalar(1.5, 300, "train/loss", 2.5f)))
                .isEqualTo("2100000000000000017becf609000000000000f83f10ac022a130a110a0a"
                        + "747261696e2f6c6f73731500002040b4ca3a3b");
    }

    @Test
    void the_checksum_is_masked_crc32c() {
        assertThat(TensorBoardRecord.maskedChecksum("123456789".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(0xc78ab0e5);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
