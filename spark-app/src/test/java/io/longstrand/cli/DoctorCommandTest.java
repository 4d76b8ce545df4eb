package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the doctor is asked; what it finds is in the tests of its rooms. */
class DoctorCommandTest {
    @Test
    void a_device_is_looked_at_without_spark() {
        CommandRun run =
                CommandRun.of("doctor", "--device", "--brief", "--json", "--conf", "../conf/local.conf", "backend=cpu");

        assertThat(run.exitCode()).as(run.messages()).isZero();
        assertThat(run.messages())
                .contains("backend cpu: ", "softmaxTileBackward", "copy host to device")
                .contains("Every kernel of backend cpu computes what it should here, seen in ");
        assertThat(run.output()).startsWith("{").contains("\"healthy\" : true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--device --cluster | --device looks at this machine and --cluster at all ranks: give one of them",
                "--cluster --ranks 0 | --ranks 0: a number from 1, with --cluster",
                "--ranks 2 | --ranks 2: a number from 1, with --cluster",
                "--brief | --brief leaves shapes out of what --device and --cluster look at: give one of them",
            })
    void what_does_not_go_together_is_refused(String options, String message) {
        CommandRun run = CommandRun.of(("doctor " + options).split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.messages()).isEqualTo("longstrand: " + message + System.lineSeparator());
    }
}
