package io.longstrand.storage;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * Files and directories on any Hadoop file system. A path with a scheme ({@code hdfs://…}, {@code s3a://…},
 * {@code file:/…}) names its file system; a plain path is local, whatever the cluster's default file system, and
 * relative ones count from the working directory. Local files leave no {@code .crc} files behind. May be captured by
 * Spark closures: the configuration travels with it.
 */
public final class FileStore implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int BUFFER_BYTES = 1 << 16;

    private transient Configuration configuration;
    private transient FileSystem local;

    /** @param configuration Hadoop settings: credentials and the file systems behind each scheme */
    public FileStore(Configuration configuration) throws IOException {
        initialize(configuration);
    }

    /** A store with Hadoop's default settings, enough for local files. */
    public static FileStore local() throws IOException {
        return new FileStore(new Configuration(false));
    }

    private void initialize(Configuration settings) throws IOException {
        configuration = settings;
        local = new RawLocalFileSystem();
        local.initialize(local.getUri(), settings);
    }

    /** The path in full: {@code file:} is dropped from local ones, relative ones are made absolute. */
    public String resolve(String path) {
        Path given = path(path);
        if (isLocal(given)) {
            return java.nio.file.Path.of(given.toUri().getPath())
                    .toAbsolutePath()
                    .normalize()
                    .toString();
        }
        return given.toString();
    }

    /** {@code child} inside directory {@code parent}. */
    public String child(String parent, String child) {
        return parent.endsWith("/") ? parent + child : parent + "/" + child;
    }

    /** The directory that holds {@code path}. */
    public String parent(String path) {
        String full = resolve(path);
        Path parent = path(full).getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent directory");
        }
        return isLocal(parent) ? parent.toUri().getPath() : parent.toString();
    }

    /** The last component of {@code path}. */
    public String name(String path) {
        return path(resolve(path)).getName();
    }

    /** Whether {@code path} lies on this machine's own disks, which other machines may not see. */
    public boolean isLocal(String path) {
        return isLocal(path(path));
    }

    /** Opens a file for reading from byte {@code offset} on. @throws FileNotFoundException when it is missing */
    public InputStream open(String path, long offset) throws IOException {
        Path file = path(path);
        FSDataInputStream stream = fileSystem(file).open(file, BUFFER_BYTES);
        try {
            if (offset > 0) {
                stream.seek(offset);
            }
            return stream;
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    /** Opens a file for reading from its beginning. */
    public InputStream open(String path) throws IOException {
        return open(path, 0);
    }

    /** Opens a file for reading at any position. */
    public RandomAccessInput openRandomAccess(String path) throws IOException {
        Path file = path(path);
        if (isLocal(file)) {
            return new LocalRandomAccessInput(java.nio.file.Path.of(resolve(path)));
        }
        FileSystem fileSystem = fileSystem(file);
        return new HadoopRandomAccessInput(
                fileSystem.open(file), fileSystem.getFileStatus(file).getLen());
    }

    /**
     * Creates a file, or replaces the one that is there; parent directories are made. {@code flush} makes what was
     * written visible to readers where the file system can.
     */
    public OutputStream create(String path) throws IOException {
        Path file = path(path);
        if (isLocal(file)) {
            java.nio.file.Path target = java.nio.file.Path.of(resolve(path));
            java.nio.file.Path parent = target.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            return new BufferedOutputStream(Files.newOutputStream(target), BUFFER_BYTES);
        }
        return new FlushingOutput(fileSystem(file).create(file, true, BUFFER_BYTES));
    }

    /**
     * Creates a file that is not there yet, with its content; of several that try at once, one succeeds. Parent
     * directories are made.
     *
     * @return whether this call created it
     */
    public boolean createNew(String path, byte[] content) throws IOException {
        Path file = path(path);
        createDirectories(parent(path));
        try (OutputStream output = isLocal(file)
                ? Files.newOutputStream(
                        java.nio.file.Path.of(resolve(path)), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)
                : fileSystem(file).create(file, false, BUFFER_BYTES)) {
            output.write(content);
            return true;
        } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
            return false;
        }
    }

    /** Makes a directory and its parents; one that is there already is left alone. */
    public void createDirectories(String path) throws IOException {
        Path directory = path(path);
        if (isLocal(directory)) {
            Files.createDirectories(java.nio.file.Path.of(resolve(path)));
        } else if (!fileSystem(directory).mkdirs(directory)) {
            throw new IOException("cannot make directory " + path);
        }
    }

    public boolean exists(String path) throws IOException {
        Path file = path(path);
        return fileSystem(file).exists(file);
    }

    public boolean isDirectory(String path) throws IOException {
        Path file = path(path);
        try {
            return fileSystem(file).getFileStatus(file).isDirectory();
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    /** Length of a file in bytes. @throws FileNotFoundException when it is missing */
    public long length(String path) throws IOException {
        Path file = path(path);
        return fileSystem(file).getFileStatus(file).getLen();
    }

    /** The entries of a directory, sorted by name. @throws FileNotFoundException when it is missing */
    public List<FileEntry> list(String directory) throws IOException {
        Path path = path(directory);
        List<FileEntry> entries = new ArrayList<>();
        for (FileStatus status : fileSystem(path).listStatus(path)) {
            Path file = status.getPath();
            entries.add(new FileEntry(
                    isLocal(file) ? file.toUri().getPath() : file.toString(),
                    file.getName(),
                    status.isDirectory(),
                    status.isDirectory() ? 0 : status.getLen(),
                    status.getModificationTime()));
        }
        entries.sort(Comparator.comparing(FileEntry::name));
        return entries;
    }

    /**
     * Moves a file or directory to a path that is free, on the same file system.
     *
     * @throws IOException when the target exists or the source is missing
     */
    public void rename(String from, String to) throws IOException {
        Path source = path(from);
        Path target = path(to);
        FileSystem fileSystem = fileSystem(source);
        if (fileSystem.exists(target)) {
            throw new IOException("cannot rename " + from + ": " + to + " exists");
        }
        if (isLocal(source) && isLocal(target)) {
            Files.move(
                    java.nio.file.Path.of(resolve(from)),
                    java.nio.file.Path.of(resolve(to)),
                    StandardCopyOption.ATOMIC_MOVE);
        } else if (!fileSystem.rename(source, target)) {
            throw new IOException("cannot rename " + from + " to " + to);
        }
    }

    /** Moves a file onto another, which readers see either as it was or as it will be, never in between. */
    public void replace(String from, String to) throws IOException {
        Path source = path(from);
        Path target = path(to);
        if (isLocal(source) && isLocal(target)) {
            Files.move(
                    java.nio.file.Path.of(resolve(from)),
                    java.nio.file.Path.of(resolve(to)),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } else {
            FileContext.getFileContext(source.toUri(), configuration).rename(source, target, Options.Rename.OVERWRITE);
        }
    }

    /** Deletes a file, or a directory with all it holds; what is not there is no error. */
    public void delete(String path) throws IOException {
        Path file = path(path);
        FileSystem fileSystem = fileSystem(file);
        if (!fileSystem.delete(file, true) && fileSystem.exists(file)) {
            throw new IOException("cannot delete " + path);
        }
    }

    private static Path path(String path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("empty path");
        }
        return hasScheme(path)
                ? new Path(path)
                : new Path(
                        "file",
                        null,
                        java.nio.file.Path.of(path).toAbsolutePath().toString());
    }

    /** {@code scheme:/…}; a file name may hold a colon, but no such prefix. */
    private static boolean hasScheme(String path) {
        int colon = path.indexOf(":/");
        return colon > 1 && path.substring(0, colon).chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '+');
    }

    private static boolean isLocal(Path path) {
        String scheme = path.toUri().getScheme();
        return scheme == null || scheme.equals("file");
    }

    private FileSystem fileSystem(Path path) throws IOException {
        if (isLocal(path)) {
            return local;
        }
        FileSystem fileSystem = path.getFileSystem(configuration);
        return fileSystem instanceof LocalFileSystem checksummed ? checksummed.getRawFileSystem() : fileSystem;
    }

    private void writeObject(ObjectOutputStream output) throws IOException {
        output.defaultWriteObject();
        configuration.write(output);
    }

    private void readObject(ObjectInputStream input) throws IOException, ClassNotFoundException {
        input.defaultReadObject();
        Configuration settings = new Configuration(false);
        settings.readFields(input);
        initialize(settings);
    }

    /** Makes flushed bytes visible to readers on file systems that can. */
    private static final class FlushingOutput extends OutputStream {
        private final FSDataOutputStream output;

        FlushingOutput(FSDataOutputStream output) {
            this.output = output;
        }

        @Override
        public void write(int value) throws IOException {
            output.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            output.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            if (output.hasCapability(StreamCapabilities.HFLUSH)) {
                output.hflush();
            } else {
                output.flush();
            }
        }

        @Override
        public void close() throws IOException {
            output.close();
        }
    }

    private record HadoopRandomAccessInput(FSDataInputStream stream, long length) implements RandomAccessInput {
        @Override
        public void readFully(long position, byte[] buffer, int offset, int count) throws IOException {
            if (position + count > length) {
                throw new EOFException("read of " + count + " bytes at " + position + " of " + length);
            }
            stream.readFully(position, buffer, offset, count);
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
