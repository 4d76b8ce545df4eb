package io.longstrand;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the house to its plan: who may import whom, and which room may touch which library. */
class HouseTest {
    private static final Path SOURCES = Path.of("src/main/java");

    @TestFactory
    Stream<DynamicTest> the_house_keeps_every_rule() {
        JavaClasses house = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.longstrand");
        assertThat(house.size()).isGreaterThan(100);
        return new HouseRules("io.longstrand")
                .all().entrySet().stream()
                        .map(rule -> DynamicTest.dynamicTest(
                                rule.getKey(), () -> rule.getValue().check(house)));
    }

    /** A crooked house with one violation of each kind shows that the rules see them, and that they see no others. */
    @Test
    void the_rules_catch_every_violation_of_a_crooked_house() {
        JavaClasses crooked = new ClassFileImporter().importPackages("io.longstrand.crooked");
        Map<String, ArchRule> rules = new HouseRules("io.longstrand.crooked").all();
        Set<String> broken = new TreeSet<>();
        rules.forEach((name, rule) -> {
            if (rule.evaluate(crooked).hasViolation()) {
                broken.add(name);
            }
        });
        assertThat(broken)
                .containsExactlyInAnyOrder(
                        "every class lives in a room of the house",
                        "config imports only from rooms before it",
                        "genome.sequence imports only from genome rooms before it",
                        "nobody imports a backend",
                        "backends do not know each other",
                        "spark's rooms have no cycles",
                        "org.apache.spark.. only in [spark.., cli.., bench.peer..]",
                        "org.apache.hadoop.. only in [storage.., spark..]",
                        "org.nd4j.. only in [backend.nd4j.., spark.dl4j.., bench.peer..]",
                        "org.bytedeco.. only in [backend.., comm.nccl.., bench.peer..]",
                        "no class is a drawer of odds and ends",
                        "static fields are final",
                        "static fields hold nothing that changes");
    }

    @Test
    void every_package_says_what_it_is_for() throws IOException {
        List<Path> silent;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            silent = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .filter(room -> !Files.exists(room.resolve("package-info.java")))
                    .toList();
        }
        assertThat(silent).as("packages without package-info.java").isEmpty();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.filter(file -> file.endsWith("package-info.java")))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(Files.readString(file)).contains("/**"));
        }
    }
}
