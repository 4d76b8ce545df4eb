/**
 * What other systems published and what formulas say of it: the longest sequences and throughput of Megatron-DeepSpeed
 * and Megatron-LM on A100 GPUs, the memory each of them takes by the formulas of its papers, and two constants a system,
 * fitted where it is run. Nothing here knows how this application works. May import what {@code plan} may.
 */
package io.longstrand.plan.published;
