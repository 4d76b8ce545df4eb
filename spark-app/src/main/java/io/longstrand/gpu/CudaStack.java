package io.longstrand.gpu;

/** A library that computes on GPUs, with the CUDA it was built for. One process loads only one. */
public enum CudaStack {
    /** The {@code torch} backend on CUDA. */
    LIBTORCH("libtorch for CUDA 12.6", "org/bytedeco/pytorch/linux-x86_64-gpu/libjnitorch.so", "cuda", 525, 9),
    /** The {@code nd4j} backend on CUDA. */
    ND4J("nd4j-cuda for CUDA 11.6", "org/nd4j/linalg/jcublas/JCublasBackend.class", "nd4j-cuda", 450, 8);

    private final String text;
    private final String mark;
    private final String profile;
    private final int leastDriver;
    private final int newestMajor;

    CudaStack(String text, String mark, String profile, int leastDriver, int newestMajor) {
        this.text = text;
        this.mark = mark;
        this.profile = profile;
        this.leastDriver = leastDriver;
        this.newestMajor = newestMajor;
    }

    /** As people call it. */
    public String text() {
        return text;
    }

    /** A file of it that nothing else brings onto a class path. */
    public String mark() {
        return mark;
    }

    /** The Maven profile that builds with it. */
    public String profile() {
        return profile;
    }

    /** First release of the driver for its generation of CUDA: newer CUDA of a generation runs on it as well. */
    public int leastDriver() {
        return leastDriver;
    }

    /** Newest generation of GPUs that it has instructions for: the whole part of their compute capability. */
    public int newestMajor() {
        return newestMajor;
    }
}
