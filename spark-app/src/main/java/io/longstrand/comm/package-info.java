/**
 * What ranks do together: a {@link io.longstrand.comm.World} is one rank's membership in a run, a {@link
 * io.longstrand.comm.Communicator} performs all-reduce, reduce-scatter, all-gather, all-to-all, broadcast and
 * send/receive over a group of ranks, a {@link io.longstrand.comm.Pending} is one of them in progress. The algorithms
 * are written once over a {@link io.longstrand.comm.Transport}, so that threads of one process ({@link
 * io.longstrand.comm.InMemory}) and processes on several machines ({@code comm.tcp}) compute the same bits. Beside those,
 * {@link io.longstrand.comm.DeviceGroups} open groups whose tensors are on devices ({@code comm.nccl}).
 *
 * <p>May import {@code config}, {@code mesh} and {@code tensor}. For {@code parallel} (ring and all-to-all attention,
 * tensor split), {@code zero} (sharded state), {@code train} (loss and norm) and {@code spark} (which joins the ranks);
 * a run of one rank needs none of it.
 */
package io.longstrand.comm;
