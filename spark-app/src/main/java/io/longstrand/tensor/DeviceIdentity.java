package io.longstrand.tensor;

/**
 * Which GPU it is that a backend computes on.
 *
 * @param name model, as its maker calls it
 * @param uuid {@code GPU-} and 32 hexadecimal digits: the same whatever number a process knows the GPU by
 * @param computeCapability generation of its instructions, {@code 8.0}
 * @param cuda newest version of CUDA that its driver runs, as CUDA counts: {@code 1000 · major + 10 · minor}
 * @param memoryBytes all of its memory
 */
public record DeviceIdentity(String name, String uuid, String computeCapability, int cuda, long memoryBytes) {
    private static final int PER_MAJOR = 1000;
    private static final int PER_MINOR = 10;

    /** A version of CUDA as people write it: {@code 12.6}. */
    public static String version(int cuda) {
        return cuda / PER_MAJOR + "." + cuda % PER_MAJOR / PER_MINOR;
    }

    /** One line for people. */
    public String text() {
        return name + " (" + uuid + ", compute capability " + computeCapability + ", driver for CUDA " + version(cuda)
                + ", " + (memoryBytes >> 20) + " MiB)";
    }
}
