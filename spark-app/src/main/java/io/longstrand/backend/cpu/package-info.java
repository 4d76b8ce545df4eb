/**
 * The fast CPU backend: matrix products by oneDNN, everything else by the Vector API, on our own threads. May import
 * {@code config}, {@code tensor}, {@code org.bytedeco} and {@code jdk.incubator.vector}; nobody imports it: {@link
 * java.util.ServiceLoader} finds {@link io.longstrand.backend.cpu.CpuBackendProvider}. Data comes from and goes to the
 * tensors a caller hands in; scratch belongs to the backend and is counted.
 *
 * <p>How a kernel reads a tensor: {@link io.longstrand.backend.cpu.Rows} resolves it once per call, then gives the address of
 * each row; {@link io.longstrand.backend.cpu.Native} reads vectors there. How work is spread: {@link
 * io.longstrand.backend.cpu.LanePool} takes ranges whose size depends on the shape alone, so the number of lanes never
 * shows in a result.
 *
 * <p>Methods whose name ends in {@code Loop} are loops over vectors. The JVM is told to compile each on its own ({@code
 * -XX:CompileCommand=dontinline} among the options of pom.xml): inlined into all a kernel does, they use up the
 * compiler's depth and size of inlining, and every vector becomes an object on the heap, ten times slower. What they read,
 * write and repeat vectors with ({@code Floats}, {@code Native}) it is told to inline: of a call before a loop that had
 * rarely been reached it would otherwise make a call, and the vector an object that every store loads anew. Without the
 * options results are the same.
 */
package io.longstrand.backend.cpu;
