/**
 * Training state on any Hadoop file system: safetensors files by logical tensor name and element range, and a manifest
 * with checksums committed last, so a layout other than the writer's can load it. Also the paths of a run directory.
 * May import {@code config}, {@code storage}, {@code tensor}, {@code model}, {@code zero} and below. State comes from
 * {@code zero} through {@code train} and goes back there or to {@code inference}.
 */
package io.longstrand.checkpoint;
