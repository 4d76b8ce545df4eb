package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code plan} with numbers nobody means. */
class PlanNumbersTest {
    private static final List<String> NUMBERS = List.of("-1", "0", "1", "1000000", "2147483647", "9223372036854775807");

    @ParameterizedTest
    @Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @ValueSource(
            strings = {
                "model.layers",
                "model.hidden",
                "model.heads",
                "model.kv-heads",
                "model.ffn-hidden",
                "data.sequence-length",
                "train.micro-batch",
                "train.accumulation",
                "memory.device-budget",
                "memory.host-budget",
                "memory.mlp-tile",
                "memory.loss-tile",
                "attention.mask.window",
                "run.threads"
            })
    void a_plan_or_one_line_is_said_in_time(String key) {
        for (String value : NUMBERS) {
            CommandRun run = CommandRun.of(
                    "plan",
                    "backend=cpu",
                    "run.threads=1",
                    "data.sequence-length=256",
                    "model.layers=2",
                    "model.hidden=64",
                    "model.heads=2",
                    "attention.mask.kind=window",
                    key + "=" + value);

            assertThat(run.exitCode())
                    .as("%s=%s: %s", key, value, run.messages())
                    .isIn(0, 2);
            assertThat(run.messages()).as("%s=%s", key, value).isNotBlank().doesNotContain("unexpected");
        }
    }
}
