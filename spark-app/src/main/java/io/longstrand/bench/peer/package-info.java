/**
 * What others would write, to be compared with: a GPT over libtorch's autograd, libtorch's own attention and kernels,
 * attention that keeps its scores, and parameter averaging by Deeplearning4j on Spark. May import every room but {@code cli}, and the libraries compared with; nothing of
 * them leaves this room. libtorch is there when the application was built with its profile; {@link
 * io.longstrand.bench.peer.Libtorch} says whether it is.
 */
package io.longstrand.bench.peer;
