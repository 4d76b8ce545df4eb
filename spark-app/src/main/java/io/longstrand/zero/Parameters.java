package io.longstrand.zero;

import io.longstrand.model.ParameterLayout;
import io.longstrand.model.Weights;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/** All parameters of a model in one flat tensor of the compute type, and the way the model uses them where they live. */
public final class Parameters {
    private static final String OWNER = "parameters";

    private final Tensor flat;
    private final Weights weights;
    private final Runnable outdate;

    /**
     * Takes room for them; the content is undefined.
     *
     * @param device holds the parameters, or the buffers through which those of the host pass
     * @param copies brings units to the device
     * @param form says their type and place
     */
    public Parameters(Arena device, Arena host, CopyStream copies, ParameterLayout layout, StateForm form) {
        if (form.parameters() == Place.DEVICE) {
            flat = device.allocate(OWNER, form.computeType(), 1, layout.elements());
            weights = new FlatWeights(flat);
            outdate = () -> {};
        } else {
            flat = host.allocate(OWNER, form.computeType(), 1, layout.elements());
            HostWeights brought = new HostWeights(flat, layout, copies, device);
            weights = brought;
            outdate = brought::outdate;
        }
    }

    /** (1, elements of the layout), in either place. */
    public Tensor flat() {
        return flat;
    }

    /** As the model uses them. */
    public Weights weights() {
        return weights;
    }

    /** Says that {@link #flat} changes: copies of units under way end, and none of those made is used again. */
    public void outdate() {
        outdate.run();
    }
}
