package io.longstrand.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Contenders measured in turn, round after round, because a machine's speed drifts: only what was measured in the same
 * round is compared, and the median over the rounds counts. Every second round goes the other way, so that nobody
 * always follows the same neighbour.
 */
final class Contest {
    private final Map<String, DoubleSupplier> contenders = new LinkedHashMap<>();

    /**
     * Adds a contender.
     *
     * @param rate measures once; more is better: FLOP/s, bytes/s, tokens/s
     */
    void enter(String name, DoubleSupplier rate) {
        contenders.put(name, rate);
    }

    /** Measures everybody once and counts nothing of it: compiles, allocates, fills caches. */
    void warmUp(Consumer<String> tell) {
        StringBuilder line = new StringBuilder("  warm-up:");
        contenders.forEach((name, rate) -> line.append(String.format(" %s %.4g", name, rate.getAsDouble())));
        tell.accept(line.toString());
    }

    /** Measures everybody so many times. */
    Outcome run(int rounds, Consumer<String> tell) {
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        List<String> order = new ArrayList<>(contenders.keySet());
        order.forEach(name -> rates.put(name, new ArrayList<>()));
        for (int round = 1; round <= rounds; round++) {
            StringBuilder line = new StringBuilder("  round " + round + " of " + rounds + ":");
            for (String name : order) {
                double rate = contenders.get(name).getAsDouble();
                rates.get(name).add(rate);
                line.append(String.format(" %s %.4g", name, rate));
            }
            tell.accept(line.toString());
            Collections.reverse(order);
        }
        return new Outcome(rates);
    }

    /** Every rate of every contender, by round. */
    record Outcome(Map<String, List<Double>> rates) {
        /** The median rate of a contender. */
        double median(String name) {
            return Contest.median(rates.get(name));
        }

        /** The median over the rounds of one contender's rate divided by another's. */
        double ratio(String name, String to) {
            List<Double> quotients = new ArrayList<>();
            for (int round = 0; round < rates.get(name).size(); round++) {
                quotients.add(rates.get(name).get(round) / rates.get(to).get(round));
            }
            return Contest.median(quotients);
        }
    }

    /** The middle one; between the middle two when there are as many above as below. */
    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
