package io.longstrand.zero;

import io.longstrand.config.MemorySection.Offload;
import io.longstrand.config.MemorySection.OffloadSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.model.ConfiguredModel;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;

/**
 * How the state of a run is held. None of it changes a result but the compute type.
 *
 * @param computeType of the parameters as products see them: FLOAT32, or BFLOAT16 with FLOAT32 masters beside them
 * @param parameters where the parameters live; those on the host come to the device unit by unit
 * @param optimizer where moments and separate masters live; those on the host come to the device chunk by chunk
 */
public record StateForm(DataType computeType, Place parameters, Place optimizer) {
    /** Everything on the device. */
    public static StateForm resident(DataType computeType) {
        return new StateForm(computeType, Place.DEVICE, Place.DEVICE);
    }

    /** What a configuration says. */
    public static StateForm configured(RunConfiguration configuration) {
        OffloadSection offload = configuration.memory().offload();
        return new StateForm(
                new ConfiguredModel(configuration).type(), place(offload.parameters()), place(offload.optimizer()));
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
