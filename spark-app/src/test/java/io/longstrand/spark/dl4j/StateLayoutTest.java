package io.longstrand.spark.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class StateLayoutTest {
    /** Adam over 10 parameters, no state over 3, momentum over 6, three vectors over 5. */
    private static final List<BlockSpan> BLOCKS = List.of(
            new BlockSpan(0, 10, 0, 2),
            new BlockSpan(10, 13, 20, 0),
            new BlockSpan(13, 19, 20, 1),
            new BlockSpan(19, 24, 26, 3));

    private static final int STATE = 41;

    @Test
    void a_slice_that_begins_in_a_block_has_each_of_its_vectors_from_there() {
        StateLayout layout = new StateLayout(BLOCKS, 3);

        assertThat(layout.stretches(0))
                .containsExactly(new StateLayout.Stretch(0, 0, 8), new StateLayout.Stretch(10, 8, 8));
        assertThat(layout.stretches(1))
                .containsExactly(
                        new StateLayout.Stretch(8, 0, 2),
                        new StateLayout.Stretch(18, 2, 2),
                        new StateLayout.Stretch(20, 4, 3));
        assertThat(layout.parts(1))
                .containsExactly(
                        new StateLayout.Part(0, 8, 10, 0, 2),
                        new StateLayout.Part(1, 10, 13, 4, 0),
                        new StateLayout.Part(2, 13, 16, 4, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 24, 30})
    void slices_are_the_whole_state_once(int ranks) {
        StateLayout layout = new StateLayout(BLOCKS, ranks);
        float[] numbers = new float[STATE];
        for (int i = 0; i < STATE; i++) {
            numbers[i] = i + 1;
        }
        INDArray whole = Nd4j.createFromArray(numbers);
        INDArray again = Nd4j.zeros(STATE);
        List<Float> all = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            float[] slice = new StateArrays(layout, whole).slice(rank);
            new StateArrays(layout, again).put(rank, slice);
            for (float value : slice) {
                all.add(value);
            }
        }
        assertThat(all).hasSize(STATE).doesNotHaveDuplicates();
        assertThat(again).isEqualTo(whole);
    }
}
