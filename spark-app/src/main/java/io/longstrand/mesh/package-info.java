/**
 * Where each rank stands: rank numbers and coordinates on the axes data, context, head and tensor. Pure arithmetic;
 * may import {@code config} and {@code storage} but needs neither. Sizes come from the configuration; coordinates go
 * to {@code parallel}, {@code train} and {@code spark}.
 */
package io.longstrand.mesh;
