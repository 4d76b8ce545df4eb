package io.longstrand.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PeerAddressTest {
    @Test
    void an_address_reads_as_it_is_written_also_where_the_host_has_colons() {
        PeerAddress address = new PeerAddress("fe80::1", 7077);

        assertThat(address).hasToString("fe80::1:7077");
        assertThat(PeerAddress.parse("fe80::1:7077")).isEqualTo(address);
    }

    @Test
    void what_is_no_address_is_refused() {
        for (String wrong : new String[] {"", "host", "host:", ":1", "host:0", "host:65536", "host:x"}) {
            assertThatThrownBy(() -> PeerAddress.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is no address; host:port would be");
        }
    }
}
