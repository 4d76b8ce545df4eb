package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SelectionTest {
    /** Takes lengths and modes. */
    private static final class Sample implements Benchmark {
        @Override
        public String name() {
            return "sample";
        }

        @Override
        public String description() {
            return "nothing";
        }

        @Override
        public List<Option> options() {
            return List.of(new Option("lengths", "tokens"));
        }

        @Override
        public List<Row> run(Selection selection, Consumer<String> tell) {
            return List.of();
        }
    }

    @Test
    void what_is_not_selected_has_the_benchmarks_own_values() {
        Selection nothing = selection();
        assertThat(nothing.numbers("lengths", List.of(1, 2))).containsExactly(1, 2);
        assertThat(nothing.number("lengths", 7)).isEqualTo(7);
        assertThat(nothing.words("lengths", List.of("a", "b"))).containsExactly("a", "b");
    }

    @Test
    void numbers_are_taken_as_given_and_words_in_the_benchmarks_order() {
        assertThat(selection("lengths=2048,64").numbers("lengths", List.of(1))).containsExactly(2048, 64);
        assertThat(selection("lengths=b,a").words("lengths", List.of("a", "b", "c")))
                .containsExactly("a", "b");
    }

    @Test
    void an_unknown_key_is_answered_with_those_there_are() {
        assertThatThrownBy(() -> selection("length=2"))
                .isInstanceOf(UserError.class)
                .hasMessage("bench sample takes no 'length'; it takes lengths");
        assertThatThrownBy(() -> new Selection(new PeakBenchmark("cpu"), List.of("fast")))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("bench peak takes no 'fast'; it takes ");
    }

    @Test
    void a_wrong_value_is_named_with_what_would_be_right() {
        assertThatThrownBy(() -> selection("lengths"))
                .isInstanceOf(UserError.class)
                .hasMessage("bench sample: 'lengths' must have a value: lengths=…");
        assertThatThrownBy(() -> selection("lengths=1", "lengths=2"))
                .isInstanceOf(UserError.class)
                .hasMessage("bench sample: 'lengths=2' was given before");
        assertThatThrownBy(() -> selection("lengths=1,-2").numbers("lengths", List.of()))
                .isInstanceOf(UserError.class)
                .hasMessage("bench sample: 'lengths=1,-2' must hold positive whole numbers, separated by commas");
        assertThatThrownBy(() -> selection("lengths=1,2").number("lengths", 1))
                .isInstanceOf(UserError.class)
                .hasMessage("bench sample: 'lengths=1,2' must be one number");
        assertThatThrownBy(() -> selection("lengths=d").words("lengths", List.of("a", "b")))
                .isInstanceOf(UserError.class)
                .hasMessage("bench sample: 'lengths=d' must be among a, b");
    }

    private static Selection selection(String... arguments) {
        return new Selection(new Sample(), List.of(arguments));
    }
}
