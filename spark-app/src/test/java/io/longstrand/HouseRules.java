package io.longstrand;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The shape of the house as rules over compiled classes. Rooms and libraries that nothing uses yet break no rule. */
final class HouseRules {
    /** Ground floor first: a room imports only from itself and from rooms before it. */
    private static final List<String> ROOMS = List.of(
            "config",
            "gpu",
            "storage",
            "metrics",
            "mesh",
            "genome",
            "tensor",
            "conformance",
            "backend",
            "comm",
            "optim",
            "attention",
            "model",
            "parallel",
            "zero",
            "checkpoint",
            "plan",
            "report",
            "inference",
            "train",
            "doctor",
            "spark",
            "bench",
            "cli");

    /** The same inside {@code genome}. */
    private static final List<String> GENOME_ROOMS = List.of("sequence", "token", "sample", "baseline");

    /** Who may use a library. */
    private static final Map<String, List<String>> LIBRARIES = Map.of(
            "org.apache.spark..", List.of("spark..", "cli..", "bench.peer.."),
            "org.apache.hadoop..", List.of("storage..", "spark.."),
            "org.nd4j..", List.of("backend.nd4j..", "spark.dl4j..", "bench.peer.."),
            "org.bytedeco..", List.of("backend..", "comm.nccl..", "bench.peer.."),
            "org.deeplearning4j..", List.of("spark.dl4j..", "bench.peer.."),
            "org.datavec..", List.of("spark.dl4j..", "bench.peer.."));

    private final String base;

    /** Rules for the house under a package; the real one is {@code io.longstrand}. */
    HouseRules(String base) {
        this.base = base;
    }

    /** Every rule by a name that says what must hold. */
    Map<String, ArchRule> all() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put("every class lives in a room of the house", everyClassInARoom());
        for (String room : ROOMS) {
            rules.put(room + " imports only from rooms before it", importsOnlyBefore(base + ".", ROOMS, room));
        }
        for (String room : GENOME_ROOMS) {
            rules.put(
                    "genome." + room + " imports only from genome rooms before it",
                    importsOnlyBefore(base + ".genome.", GENOME_ROOMS, room));
        }
        rules.put("nobody imports a backend", nobodyImportsABackend());
        rules.put("backends do not know each other", unrelated("backend"));
        rules.put("spark's rooms have no cycles", acyclic("spark"));
        LIBRARIES.forEach((library, rooms) -> rules.put(library + " only in " + rooms, onlyIn(library, rooms)));
        rules.put("no class is a drawer of odds and ends", noDrawers());
        rules.put("static fields are final", staticFieldsAreFinal());
        rules.put("static fields hold nothing that changes", staticFieldsHoldNothingThatChanges());
        return rules;
    }

    private ArchRule everyClassInARoom() {
        return classes()
                .should()
                .resideInAnyPackage(
                        under(ROOMS.stream().map(room -> room + "..").toList()));
    }

    private static ArchRule importsOnlyBefore(String prefix, List<String> order, String room) {
        String[] later = order.stream()
                .skip(order.indexOf(room) + 1L)
                .map(name -> prefix + name + "..")
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(prefix + room + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(later))
                .allowEmptyShould(true);
    }

    private ArchRule nobodyImportsABackend() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(base + ".backend..")
                .should()
                .dependOnClassesThat(resideInAPackage(base + ".backend.."))
                .allowEmptyShould(true);
    }

    private ArchRule unrelated(String room) {
        return slices().matching(base + "." + room + ".(*)..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true);
    }

    private ArchRule acyclic(String room) {
        return slices().matching(base + "." + room + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true);
    }

    private ArchRule onlyIn(String library, List<String> rooms) {
        return noClasses()
                .that(resideOutsideOfPackages(under(rooms)))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .allowEmptyShould(true);
    }

    private static ArchRule noDrawers() {
        return noClasses().should().haveNameMatching(".*(Utils?|Helpers?|Managers?|Misc)(\\$.*)?");
    }

    private static ArchRule staticFieldsAreFinal() {
        return fields().that().areStatic().should().beFinal().allowEmptyShould(true);
    }

    /** But in spark.plugin: Spark makes the plugins itself, so a static field is the only place to meet them. */
    private ArchRule staticFieldsHoldNothingThatChanges() {
        return noFields()
                .that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackage(base + ".spark.plugin..")
                .should()
                .haveRawType(resideInAPackage("java.util.concurrent.."))
                .orShould()
                .haveRawType("java.util.ArrayList")
                .orShould()
                .haveRawType("java.util.HashMap")
                .orShould()
                .haveRawType("java.lang.StringBuilder")
                .allowEmptyShould(true);
    }

    private String[] under(List<String> packages) {
        return packages.stream().map(name -> base + "." + name).toArray(String[]::new);
    }
}
