package io.longstrand.train;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.longstrand.comm.Crew;
import io.longstrand.comm.InMemory;
import io.longstrand.comm.World;
import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.PreparedDirectory;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Split;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.ScratchDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/** A small model on a small genome with some order in it; each step takes milliseconds. */
public final class TinyRun {
    private static final int BASES = 6000;

    private final Path directory;

    /** Prepares the data under {@code directory}, of one record. */
    public TinyRun(Path directory) throws IOException {
        this(directory, 1);
    }

    /** Prepares the data under {@code directory}. @param records of the same length */
    TinyRun(Path directory, int records) throws IOException {
        this.directory = directory;
        Files.createDirectories(dataDirectory());
        int length = BASES / records;
        Split split = new Split("region", List.of(new Region(records - 1, length / 10 * 9, length)));
        try (PreparedData data =
                new PreparedDirectory(dataDirectory()).write(KmerTokenizer.kmer(3), split, genome(length))) {
            if (data.manifest().bases() != BASES) {
                throw new IllegalStateException("the fixture is wrong");
            }
        }
    }

    /** Where the data lie. */
    public Path dataDirectory() {
        return directory.resolve("data");
    }

    /** The configuration of the run of that name, with other settings on top. */
    public RunConfiguration configuration(String name, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "run.directory=" + directory.resolve(name),
                "data.directory=" + dataDirectory(),
                "data.sequence-length=16",
                "model.layers=2",
                "model.hidden=32",
                "model.heads=2",
                "train.steps=8",
                "train.micro-batch=2",
                "train.accumulation=2",
                "train.schedule.warm-up-steps=2",
                "train.validation.every=3",
                "train.validation.windows=4",
                "checkpoint.every=0"));
        all.addAll(List.of(settings));
        return new ConfigurationLoader().load(Optional.empty(), all);
    }

    /** Trains in this thread. */
    public static TrainingOutcome train(RunConfiguration configuration, Driver driver) throws IOException {
        return train(configuration, driver, ScratchDisk.local());
    }

    /** The same on a machine with another disk. */
    static TrainingOutcome train(RunConfiguration configuration, Driver driver, ScratchDisk disk) throws IOException {
        try (World world = InMemory.worlds(1, Duration.ofMinutes(1)).get(0)) {
            return new RankTraining(configuration, new RankContext(world, 1, FileStore.local(), driver, disk)).run();
        }
    }

    /** Trains on as many ranks as the configuration asks for, a thread each. @return their outcomes */
    static List<TrainingOutcome> trainTogether(RunConfiguration configuration, Driver ofFirst) {
        return trainTogether(
                configuration, ofFirst, InMemory.worlds(configuration.parallel().world(), Duration.ofSeconds(15)));
    }

    /** The same on ranks that have joined. */
    static List<TrainingOutcome> trainTogether(RunConfiguration configuration, Driver ofFirst, List<World> worlds) {
        TrainingOutcome[] outcomes = new TrainingOutcome[worlds.size()];
        try (Crew crew = new Crew(worlds)) {
            crew.run(world -> outcomes[world.rank()] = new RankTraining(
                            configuration,
                            new RankContext(
                                    world, 1, FileStore.local(), world.rank() == 0 ? ofFirst : new RecordingDriver()))
                    .run());
        }
        return List.of(outcomes);
    }

    /** A disk without room. */
    static ScratchDisk fullDisk() {
        // Its driver answers every write as a disk without room does.
        return ignored -> FileChannel.open(Path.of("/dev/full"), READ, WRITE);
    }

    /** A driver that keeps events and answers as told. */
    public static final class RecordingDriver implements Driver {
        private final LongFunction<StopAnswer> answers;
        private final List<RunEvent> events = new ArrayList<>();

        public RecordingDriver() {
            this(step -> StopAnswer.GO_ON);
        }

        public RecordingDriver(LongFunction<StopAnswer> answers) {
            this.answers = answers;
        }

        @Override
        public StopAnswer heartbeat(long step) {
            return answers.apply(step);
        }

        @Override
        public void event(RunEvent event) {
            events.add(event);
        }

        /** Events of one kind, in order. */
        public <E extends RunEvent> List<E> events(Class<E> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        /** Losses of the steps, in order. */
        public List<Double> losses() {
            return events(StepCompleted.class).stream().map(StepCompleted::loss).toList();
        }
    }

    /** Codons of a small set in random order, cut into records: something to learn. */
    private static List<byte[]> genome(int length) {
        String[] words = {"ATG", "GCC", "AAA", "TTC", "GGT", "CTG", "GAT"};
        Random random = new Random(5);
        StringBuilder letters = new StringBuilder();
        while (letters.length() < BASES) {
            letters.append(words[random.nextInt(words.length)]);
        }
        byte[] bases = letters.substring(0, BASES).getBytes(StandardCharsets.US_ASCII);
        return IntStream.range(0, BASES / length)
                .mapToObj(record -> Arrays.copyOfRange(bases, record * length, (record + 1) * length))
                .toList();
    }
}
