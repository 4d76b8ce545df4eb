package io.longstrand.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
    @TempDir
    Path directory;

    private final FileStore store = open();

    private static FileStore open() {
        try {
            return FileStore.local();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private void write(String path, String text) throws IOException {
        try (OutputStream output = store.create(path)) {
            output.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void a_file_is_read_back_from_any_offset_and_leaves_no_other_file() throws IOException {
        write(path("a/b.txt"), "0123456789");
        try (InputStream input = store.open(path("a/b.txt"), 4)) {
            assertThat(input.readAllBytes()).asString().isEqualTo("456789");
        }
        try (RandomAccessInput input = store.openRandomAccess(path("a/b.txt"))) {
            byte[] bytes = new byte[3];
            input.readFully(7, bytes, 0, 3);
            assertThat(bytes).asString().isEqualTo("789");
            assertThatThrownBy(() -> input.readFully(8, bytes, 0, 3)).isInstanceOf(java.io.EOFException.class);
        }
        assertThat(store.length(path("a/b.txt"))).isEqualTo(10);
        assertThat(store.list(path("a"))).extracting(FileEntry::name).containsExactly("b.txt");
    }

    @Test
    void a_plain_path_a_file_uri_and_names_with_blanks_and_colons_are_the_same_local_file() throws IOException {
        write(path("a b:c%20.txt"), "x");
        assertThat(Files.readString(directory.resolve("a b:c%20.txt"))).isEqualTo("x");
        assertThat(store.exists("file:" + path("a b:c%20.txt"))).isTrue();
        assertThat(store.resolve("file://" + path("x"))).isEqualTo(path("x"));
        assertThat(store.resolve("x")).isEqualTo(Path.of("x").toAbsolutePath().toString());
        assertThat(store.list(directory.toString()).get(0).path()).isEqualTo(path("a b:c%20.txt"));
    }

    @Test
    void a_plain_path_is_local_whatever_the_default_file_system() throws IOException {
        Configuration configuration = new Configuration(false);
        configuration.set("fs.defaultFS", "hdfs://nowhere:1");
        FileStore cluster = new FileStore(configuration);
        try (OutputStream output = cluster.create(path("x"))) {
            output.write(1);
        }
        assertThat(names()).containsExactly("x");
    }

    @Test
    void a_missing_file_is_not_found_and_may_be_deleted() throws IOException {
        assertThat(store.exists(path("none"))).isFalse();
        assertThatThrownBy(() -> store.open(path("none"))).isInstanceOf(FileNotFoundException.class);
        assertThatThrownBy(() -> store.length(path("none"))).isInstanceOf(FileNotFoundException.class);
        store.delete(path("none"));
    }

    @Test
    void rename_refuses_a_taken_name_and_replace_takes_it() throws IOException {
        write(path("a"), "a");
        write(path("b"), "b");
        assertThatThrownBy(() -> store.rename(path("a"), path("b"))).hasMessageContaining("exists");
        store.replace(path("a"), path("b"));
        assertThat(names()).containsExactly("b");
        assertThat(Files.readString(directory.resolve("b"))).isEqualTo("a");
    }

    @Test
    void a_store_travels_to_another_machine_with_its_settings() throws Exception {
        Configuration configuration = new Configuration(false);
        configuration.set("fs.example.impl", "kept");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream output = new ObjectOutputStream(bytes)) {
            output.writeObject(new FileStore(configuration));
        }
        assertThat(bytes.toString(StandardCharsets.ISO_8859_1)).contains("fs.example.impl");
        try (ObjectInputStream input = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            FileStore copy = (FileStore) input.readObject();
            write(path("x"), "x");
            assertThat(copy.length(path("x"))).isEqualTo(1);
        }
    }

    @Test
    void an_uncommitted_publish_leaves_nothing_and_is_never_visible() throws IOException {
        try (AtomicPublish publish = AtomicPublish.to(store, path("data"))) {
            write(store.child(publish.staging(), "part"), "half");
            assertThat(store.exists(path("data"))).isFalse();
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void a_committed_directory_replaces_the_old_one_whole() throws IOException {
        write(path("data/old"), "old");
        try (AtomicPublish publish = AtomicPublish.to(store, path("data"))) {
            write(store.child(publish.staging(), "new"), "new");
            publish.commit();
        }
        assertThat(names()).containsExactly("data");
        assertThat(store.list(path("data"))).extracting(FileEntry::name).containsExactly("new");
    }

    @Test
    void a_resumable_publish_finds_what_an_earlier_attempt_with_its_key_left() throws IOException {
        try (AtomicPublish first = AtomicPublish.resumable(store, path("data"), "key")) {
            write(store.child(first.staging(), "part-1"), "1");
        }
        try (AtomicPublish second = AtomicPublish.resumable(store, path("data"), "key")) {
            assertThat(store.exists(store.child(second.staging(), "part-1"))).isTrue();
            second.commit();
        }
        assertThat(names()).containsExactly("data");
    }

    @Test
    void a_checksum_is_that_of_sha256sum_and_a_mismatch_names_the_file() throws IOException {
        write(path("abc"), "abc");
        String expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(Checksum.ofFile(store, path("abc"))).isEqualTo(expected);
        Checksum.verify(store, path("abc"), expected);
        write(path("abc"), "abd");
        assertThatThrownBy(() -> Checksum.verify(store, path("abc"), expected))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(path("abc"));
    }

    @Test
    void bytes_written_through_a_checksum_output_are_counted_and_summed() throws IOException {
        ChecksumOutput output = new ChecksumOutput(store.create(path("x")));
        try (output) {
            output.write('a');
            output.write("bc".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(output.bytes()).isEqualTo(3);
        assertThat(output.checksum()).isEqualTo(Checksum.ofFile(store, path("x")));
    }
}
