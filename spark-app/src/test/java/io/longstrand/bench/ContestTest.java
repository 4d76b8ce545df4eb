package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContestTest {
    private final List<String> order = new ArrayList<>();

    @Test
    void contenders_take_turns_and_every_second_round_goes_the_other_way() {
        Contest contest = new Contest();
        enter(contest, "a", 1, 1, 1);
        enter(contest, "b", 1, 1, 1);
        contest.run(3, line -> {});
        assertThat(order).containsExactly("a", "b", "b", "a", "a", "b");
    }

    @Test
    void a_ratio_is_the_median_of_the_rounds_quotients_not_the_quotient_of_the_medians() {
        Contest contest = new Contest();
        enter(contest, "ours", 10, 4, 9);
        enter(contest, "theirs", 5, 4, 3);
        Contest.Outcome outcome = contest.run(3, line -> {});
        assertThat(outcome.median("ours")).isEqualTo(9);
        assertThat(outcome.ratio("ours", "theirs")).isEqualTo(2);
    }

    @Test
    void an_even_number_of_rounds_has_its_median_between_the_middle_two() {
        Contest contest = new Contest();
        enter(contest, "a", 1, 2, 3, 10);
        assertThat(contest.run(4, line -> {}).median("a")).isEqualTo(2.5);
    }

    private void enter(Contest contest, String name, double... rates) {
        Iterator<Double> next = java.util.Arrays.stream(rates).iterator();
        contest.enter(name, () -> {
            order.add(name);
            return next.next();
        });
    }
}
