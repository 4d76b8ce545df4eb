package io.longstrand.storage;

/**
 * One entry of a directory.
 *
 * @param path absolute path; readable by the {@link FileStore} it came from
 * @param name last component of the path
 * @param directory whether it is a directory
 * @param length bytes of a file, 0 for a directory
 * @param modified milliseconds since 1970 when it was last written
 */
public record FileEntry(String path, String name, boolean directory, long length, long modified) {}
