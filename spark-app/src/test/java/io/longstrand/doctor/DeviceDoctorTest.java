package io.longstrand.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The program's own manners; what it looks at is in {@link DeviceCheckTest}. */
class DeviceDoctorTest {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return DeviceDoctor.run(
                new PrintStream(output, true, StandardCharsets.UTF_8),
                new PrintStream(messages, true, StandardCharsets.UTF_8),
                arguments);
    }

    @Test
    void a_backend_that_is_not_there_ends_it_with_3_and_one_line() {
        assertThat(run("nowhere", "--json")).isEqualTo(3);
        assertThat(messages.toString(StandardCharsets.UTF_8))
                .startsWith("longstrand: backend nowhere is not on the class path; there are [")
                .hasLineCount(1);
        assertThat(output.size()).isZero();
    }

    @Test
    void anything_it_does_not_know_ends_it_with_2_and_says_what_it_knows() {
        for (String[] wrong : new String[][] {{"cpu", "first"}, {"cpu", "0", "more"}, {"--all"}, {"cpu", "-1"}}) {
            messages.reset();
            assertThat(run(wrong)).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(messages.toString(StandardCharsets.UTF_8))
                    .startsWith("longstrand: what is asked is [backend] [number of its GPU] [--json], not ")
                    .hasLineCount(1);
        }
    }
}
