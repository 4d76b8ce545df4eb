/**
 * Files on any Hadoop file system, local disks included: reading at an offset, atomic publishing, checksums; and
 * scratch files on this machine's disks. Imports
 * {@code config} and {@code org.apache.hadoop}, whose types stay inside except for the {@code Configuration} a
 * {@link io.longstrand.storage.FileStore} is made from. Every room that reads or writes a file does it through here.
 */
package io.longstrand.storage;
