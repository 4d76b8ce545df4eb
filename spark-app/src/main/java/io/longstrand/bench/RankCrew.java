package io.longstrand.bench;

import io.longstrand.comm.tcp.RunSecret;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** The ranks of one world, each in a process of its own, which all do the same at the same time. */
final class RankCrew implements AutoCloseable {
    private final List<RankProcess> ranks = new ArrayList<>();

    /** Starts and connects them. @param size how many */
    RankCrew(String backendName, int size) {
        String secret = HexFormat.of().formatHex(RunSecret.random().bytes());
        try {
            for (int rank = 0; rank < size; rank++) {
                RankProcess process = new RankProcess(backendName);
                ranks.add(process);
                process.tell(rank + " " + secret);
            }
            String addresses = ranks.stream().map(RankProcess::hear).collect(Collectors.joining(" "));
            ranks.forEach(rank -> rank.tell(addresses));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** How many ranks there are. */
    int size() {
        return ranks.size();
    }

    /** Gives every rank its command, all at once. @return what each answers, by rank */
    List<Double> ask(String command) {
        ranks.forEach(rank -> rank.tell(command));
        return ranks.stream().map(rank -> Double.valueOf(rank.hear())).toList();
    }

    /** The largest answer: the seconds until the last one was done. */
    double slowest(String command) {
        return ask(command).stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    @Override
    public void close() {
        ranks.forEach(RankProcess::close);
    }
}
