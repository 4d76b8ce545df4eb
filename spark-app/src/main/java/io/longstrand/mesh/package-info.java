/**
 * Where each rank stands: rank numbers and coordinates on the axes data, context, head and tensor; which ranks share
 * a group along some of them ({@link io.longstrand.mesh.Mesh#group}); how a vector is sliced over a group ({@link
 * io.longstrand.mesh.Slices}) and a sequence over a ring ({@link io.longstrand.mesh.Zigzag}). Pure arithmetic; may
 * import {@code config} and {@code storage}. Sizes come from the configuration; coordinates go to
 * {@code comm}, {@code parallel}, {@code train} and {@code spark}. Slices serve {@code comm} and, with groups and
 * zigzag order, a model laid over several ranks.
 */
package io.longstrand.mesh;
