package io.longstrand.spark.launch;

import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which build of the application a JVM runs.
 *
 * @param name version and the beginning of the jar's SHA-256
 */
record Build(String name) {
    private static final int DIGITS = 12;

    /** The one this class comes from. */
    static Build present() {
        String version = Build.class.getPackage().getImplementationVersion();
        URI source = URI.create(
                Build.class.getProtectionDomain().getCodeSource().getLocation().toString());
        Path jar = Path.of(source);
        if (Files.isDirectory(jar)) {
            return new Build("classes of " + jar);
        }
        try {
            String digest = Checksum.ofFile(FileStore.local(), jar.toString()).substring(0, DIGITS);
            return new Build(version == null ? digest : version + " " + digest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
