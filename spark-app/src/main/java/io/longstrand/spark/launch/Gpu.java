package io.longstrand.spark.launch;

import io.longstrand.config.EnvironmentError;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The GPU that Spark gave a rank.
 *
 * @param address as Spark's discovery names it; empty when Spark gave none
 * @param device its number among those this process sees
 */
record Gpu(String address, int device) {
    private static final String RESOURCE = "gpu";
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    /** Of a rank that Spark gave none. */
    static final Gpu NONE = new Gpu("", 0);

    /** @throws EnvironmentError when Spark gave the task several, or one that this process does not see */
    static Gpu of(TaskContext task) {
        ResourceInformation resource = task.resourcesJMap().get(RESOURCE);
        if (resource == null) {
            return NONE;
        }
        return of(List.of(resource.addresses()), System.getenv(VISIBLE));
    }

    /**
     * CUDA numbers the devices of a process anew, from 0, when a variable says which it may see, and reads that variable
     * once: a rank that finds it set must find its own GPU in it.
     *
     * @param addresses that Spark gave
     * @param visible the variable; null when it is not set
     */
    static Gpu of(List<String> addresses, String visible) {
        if (addresses.size() != 1) {
            throw new EnvironmentError("Spark gave this rank " + addresses.size() + " GPUs ("
                    + String.join(", ", addresses) + "); a rank computes on one: set spark.task.resource.gpu.amount=1");
        }
        String address = addresses.get(0);
        if (visible == null) {
            return new Gpu(address, number(address));
        }
        int device =
                Arrays.stream(visible.split(",")).map(String::strip).toList().indexOf(address);
        if (device < 0) {
            throw new EnvironmentError("Spark gave this rank GPU " + address + ", and " + VISIBLE + "=" + visible
                    + " hides it; unset the variable for executors, or let Spark's discovery offer what it names");
        }
        return new Gpu(address, device);
    }

    private static int number(String address) {
        try {
            return Integer.parseUnsignedInt(address);
        } catch (NumberFormatException e) {
            throw new EnvironmentError(
                    "Spark gave this rank GPU " + address + ", which is no number; let Spark's"
                            + " discovery script name GPUs by number (submit/gpu-addresses), or set " + VISIBLE,
                    e);
        }
    }
}
