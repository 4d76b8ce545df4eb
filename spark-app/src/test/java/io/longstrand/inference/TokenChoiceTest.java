package io.longstrand.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TokenChoiceTest {
    private static final float[] LOGITS = {0, 2, 1, 3};
    private static final boolean[] ALL = {true, true, true, true};

    @Test
    void temperature_zero_takes_the_likeliest_that_is_allowed() {
        TokenChoice choice = new TokenChoice(1, 0, 0);
        assertThat(choice.choose(0, LOGITS, ALL)).isEqualTo(3);
        assertThat(choice.choose(0, LOGITS, new boolean[] {true, true, true, false}))
                .isEqualTo(1);
    }

    @Test
    void tokens_are_drawn_as_often_as_the_softmax_says() {
        TokenChoice choice = new TokenChoice(7, 2, 0);
        int draws = 40_000;
        int[] counts = new int[4];
        for (long position = 0; position < draws; position++) {
            counts[choice.choose(position, LOGITS, ALL)]++;
        }
        double sum = Math.exp(0) + Math.exp(1) + Math.exp(0.5) + Math.exp(1.5);
        for (int token = 0; token < 4; token++) {
            assertThat((double) counts[token] / draws).isEqualTo(Math.exp(LOGITS[token] / 2) / sum, within(0.01));
        }
    }

    @Test
    void top_k_draws_from_the_likeliest_alone() {
        TokenChoice choice = new TokenChoice(7, 100, 2);
        for (long position = 0; position < 1000; position++) {
            assertThat(choice.choose(position, LOGITS, ALL)).isIn(1, 3);
        }
    }

    @Test
    void a_draw_depends_on_seed_and_position_alone() {
        assertThat(new TokenChoice(5, 1, 0).choose(9, LOGITS, ALL))
                .isEqualTo(new TokenChoice(5, 1, 0).choose(9, LOGITS, ALL));
    }
}
