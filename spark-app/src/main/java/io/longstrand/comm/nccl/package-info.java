/**
 * Groups of ranks that talk from GPU to GPU by NCCL: {@link io.longstrand.comm.nccl.Nccl} opens them beside a world whose
 * ranks reach each other by {@code comm.tcp}, which carries what sets a group up, says when a rank is lost, and stays for
 * all that is no tensor of a device. Not run on a GPU.
 *
 * <p>Sums are formed in the order of NCCL's rings or trees. That order is fixed for a topology, an algorithm and a number
 * of ranks, so a run repeats its bits on the same machines; it is not the order of ranks, so the bits are not those of
 * other transports. BFLOAT16 is rounded at every addition: gradients are therefore sent in FLOAT32, and only the rows of
 * the tensor axis are summed in the type of activations. What NCCL sends is not encrypted.
 *
 * <p>Operations of a group run one after another on a stream of its own, beside the compute stream. Send/receive has a
 * communicator of two ranks for each direction between each two, opened with the first message: NCCL runs the operations
 * of one communicator in order, and a ring's neighbours would otherwise wait for each other.
 *
 * <p>May import {@code config}, {@code mesh}, {@code tensor}, {@code comm} and {@code org.bytedeco}.
 */
package io.longstrand.comm.nccl;
