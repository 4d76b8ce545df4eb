/**
 * Ranks in processes of their own, over TCP. A rank joins by a {@link io.longstrand.comm.tcp.TcpEndpoint}: it listens,
 * addresses are exchanged by whoever starts the ranks, and all connect. Every connection begins with a mutual proof of
 * knowing the run's {@link io.longstrand.comm.tcp.RunSecret}, bound to fresh nonces, the run, the two ranks and the
 * number of the connection; whoever cannot give it is dropped and counted. Then follow frames of a fixed header and at
 * most 1 MiB; what a frame states is checked before anything is read or allocated for it.
 *
 * <p>Encryption is AES-256-GCM over frames rather than TLS: both sides share a secret already, so there is no
 * certificate to make, hand out and check, and records of 1 MiB run at the speed of the processor's AES instructions
 * where those of TLS end at 16 KiB. Keys are derived by HKDF from the secret and both nonces, one for each direction of
 * each connection. It has no forward secrecy: whoever records a run and later learns its secret can read it. Without
 * encryption frames are neither hidden nor protected from somebody who can change packets on their way.
 *
 * <p>Two ranks share one connection for control and some for data, with a thread for each direction of each:
 * six threads for every other rank with two for data. A message is only sent when the receiver has asked for it, straight from and to the memory of tensors.
 *
 * <p>May import {@code comm} and what that may import. For ranks on several executors ({@code spark}).
 */
package io.longstrand.comm.tcp;
