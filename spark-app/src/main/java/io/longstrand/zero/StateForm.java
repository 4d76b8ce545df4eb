package io.longstrand.zero;

import io.longstrand.config.MemorySection.Offload;
import io.longstrand.config.MemorySection.OffloadSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.model.ConfiguredModel;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import java.util.Objects;

/**
 * How the state of a run is held. None of it changes a result but the compute type.
 *
 * @param computeType of the parameters as products see them: FLOAT32, or BFLOAT16 with FLOAT32 masters beside them
 * @param stage what of it is partitioned over the ranks (Rajbhandari et al. 2020, ZeRO): 0: nothing; 1: moments and
 *     masters; 2: and gradients; 3: and parameters
 * @param parameters where the parameters live; those on the host come to the device unit by unit
 * @param optimizer where moments and separate masters live; those on the host come to the device chunk by chunk
 */
public record StateForm(DataType computeType, int stage, Place parameters, Place optimizer) {
    private static final int STAGES = 4;

    public StateForm {
        Objects.checkIndex(stage, STAGES);
    }

    /** Everything on the device, on every rank. */
    public static StateForm resident(DataType computeType) {
        return new StateForm(computeType, 0, Place.DEVICE, Place.DEVICE);
    }

    /** What a configuration says. */
    public static StateForm configured(RunConfiguration configuration) {
        OffloadSection offload = configuration.memory().offload();
        return new StateForm(
                new ConfiguredModel(configuration).type(),
                configuration.zero().stage(),
                place(offload.parameters()),
                place(offload.optimizer()));
    }

    /** Whether a rank has moments and masters of its own slices alone. */
    boolean partitionsOptimizer() {
        return stage >= 1;
    }

    /** Whether a rank keeps gradients of its own slices alone. */
    boolean partitionsGradients() {
        return stage >= 2;
    }

    /** Whether a rank keeps parameters of its own slices alone. */
    boolean partitionsParameters() {
        return stage >= 3;
    }

    private static Place place(Offload offload) {
        return switch (offload) {
            case NONE -> Place.DEVICE;
            case HOST -> Place.HOST;
            case DISK ->
                throw new IllegalStateException(
                        "the configuration was checked to keep parameters and moments off disk");
        };
    }
}
