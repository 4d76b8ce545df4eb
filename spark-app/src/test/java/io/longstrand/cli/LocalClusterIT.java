package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of {@code submit/local-cluster}, and training on it: one cluster for all tests, ended by the last. */
@TestMethodOrder(OrderAnnotation.class)
class LocalClusterIT {
    @TempDir
    private static Path directory;

    private static String master;

    @BeforeAll
    static void start() throws Exception {
        CommandRun started = script(Map.of()).run("local-cluster", "start", "2");
        assertThat(started.exitCode()).as(started.messages()).isZero();
        assertThat(started.output()).startsWith("export LONGSTRAND_MASTER=spark://127.0.0.1:");
        master = started.output().strip().replace("export LONGSTRAND_MASTER=", "");
    }

    @AfterAll
    static void stop() throws Exception {
        script(Map.of()).run("local-cluster", "stop");
    }

    @Test
    @Order(1)
    void its_secret_is_readable_by_its_owner_only_and_on_no_command_line() throws Exception {
        Path secret = directory.resolve("cluster/secret");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                .isEqualTo("rw-------");
        assertThat(commandLines()).hasSize(3).noneMatch(line -> line.contains(read(secret)));
    }

    @Test
    @Order(2)
    void two_ranks_train_on_it_with_the_driver_here() throws Exception {
        TinyRun tiny = new TinyRun(directory);

        CommandRun trained = script(Map.of("LONGSTRAND_MASTER", master))
                .run("longstrand", tiny.train("client", tiny.genome(), "parallel.data=2", "--json"));

        assertThat(trained.exitCode()).as(trained.messages()).isZero();
        assertThat(trained.messages()).contains("2 ranks");
        assertThat(trained.output()).startsWith("{").contains("\"steps\"");
    }

    @Test
    @Order(3)
    void two_ranks_train_on_it_with_the_driver_on_a_worker() throws Exception {
        TinyRun tiny = new TinyRun(directory);

        CommandRun trained = script(Map.of("LONGSTRAND_MASTER", master, "LONGSTRAND_DEPLOY_MODE", "cluster"))
                .run("longstrand", tiny.train("ignored", tiny.genome(), "parallel.data=2", "run.directory=beside-me"));

        assertThat(trained.exitCode()).as(trained.messages()).isZero();
        assertThat(directory.resolve("beside-me/checkpoints")).isNotEmptyDirectory();
    }

    @Test
    @Order(4)
    void a_driver_that_fails_on_a_worker_is_told() throws Exception {
        CommandRun failed = script(Map.of("LONGSTRAND_MASTER", master, "LONGSTRAND_DEPLOY_MODE", "cluster"))
                .run("longstrand", "train", "data.inputs=[missing.fa]", "run.directory=missing");

        assertThat(failed.exitCode()).isEqualTo(4);
        assertThat(failed.messages()).contains("longstrand: the driver on the cluster ended as FAILED");
    }

    @Test
    @Order(5)
    void a_secret_that_others_can_read_is_refused() throws Exception {
        Path secret = Files.writeString(directory.resolve("open-secret"), "word");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));

        CommandRun refused = script(Map.of("LONGSTRAND_MASTER", master, "LONGSTRAND_SPARK_SECRET", secret.toString()))
                .run("longstrand", "train");

        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.messages())
                .isEqualTo("longstrand: " + secret + " can be read by others (mode 644); a secret needs mode 0600:"
                        + " chmod 600 " + secret + "\n");
    }

    @Test
    @Order(6)
    void more_ranks_than_slots_are_refused_with_both_numbers() throws Exception {
        TinyRun tiny = new TinyRun(directory);

        CommandRun refused = script(Map.of("LONGSTRAND_MASTER", master))
                .run("longstrand", tiny.train("many", tiny.genome(), "parallel.data=3"));

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.messages()).contains("longstrand: 3 ranks need 3 slots at once, and " + master + " has 2");
    }

    @Test
    @Order(6)
    void the_doctor_looks_at_the_devices_of_both_workers() throws Exception {
        CommandRun looked = script(Map.of("LONGSTRAND_MASTER", master))
                .run("longstrand", "doctor", "--cluster", "--brief", "--json", "backend=cpu");

        assertThat(looked.exitCode()).as(looked.messages()).isZero();
        assertThat(looked.messages())
                .contains("looking at 2 ranks of " + master)
                .contains("Every kernel computes what it should on every rank.");
        assertThat(looked.output()).startsWith("{").contains("\"healthy\" : true", "\"allReduceBytesPerSecond\"");
    }

    @Test
    @Order(7)
    void it_says_what_runs_and_is_not_started_twice() throws Exception {
        assertThat(script(Map.of()).run("local-cluster", "status").output())
                .contains("master ", "worker-1 ", "worker-2 ", "export LONGSTRAND_MASTER=" + master);

        CommandRun again = script(Map.of()).run("local-cluster", "start", "1");

        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.messages())
                .isEqualTo("local-cluster: a local cluster runs already, see submit/local-cluster status\n");
    }

    @Test
    @Order(8)
    void wrong_usage_is_refused() throws Exception {
        assertThat(script(Map.of()).run("local-cluster", "start", "none").messages())
                .isEqualTo("local-cluster: start needs the number of workers: submit/local-cluster start 2\n");
        assertThat(script(Map.of()).run("local-cluster", "restart").exitCode()).isEqualTo(2);
    }

    @Test
    @Order(9)
    void it_ends_and_leaves_nothing_running() throws Exception {
        CommandRun stopped = script(Map.of()).run("local-cluster", "stop");

        assertThat(stopped.exitCode()).isZero();
        assertThat(stopped.messages()).isEmpty();
        assertThat(commandLines()).isEmpty();
        assertThat(script(Map.of()).run("local-cluster", "status").exitCode()).isEqualTo(1);
    }

    private static Script script(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("LONGSTRAND_CLUSTER", directory.resolve("cluster").toString());
        all.put("LONGSTRAND_PORT", "17077");
        return new Script(directory, all);
    }

    /** Of all processes that belong to the cluster: daemons, executors, drivers. */
    private static List<String> commandLines() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .map(process -> workingDirectory(process) + " "
                            + read(process.resolve("cmdline")).replace('\0', ' '))
                    .filter(line -> line.contains("org.apache.spark") && line.contains(directory.toString()))
                    .toList();
        }
    }

    private static String workingDirectory(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    /** Empty when the process has ended. */
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return "";
        }
    }
}
