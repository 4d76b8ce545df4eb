package io.longstrand.bench;

import io.longstrand.config.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which part of a benchmark to run, as {@code key=value[,value…]} arguments behind its name: {@code bench step
 * lengths=2048,8192}. What is not selected has the benchmark's own values.
 */
public final class Selection {
    private final String benchmark;
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    /**
     * Reads the arguments.
     *
     * @param arguments as given behind the benchmark's name
     * @throws UserError for an argument that is no key=value, a key the benchmark does not take, or a key given twice
     */
    public Selection(Benchmark benchmark, List<String> arguments) {
        this.benchmark = benchmark.name();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String key = equals < 0 ? argument : argument.substring(0, equals);
            List<String> keys =
                    benchmark.options().stream().map(Benchmark.Option::key).toList();
            if (!keys.contains(key)) {
                throw new UserError("bench " + benchmark.name() + " takes no '" + key + "'; it takes "
                        + (keys.isEmpty() ? "nothing behind its name" : String.join(", ", keys)));
            }
            if (equals < 0 || equals + 1 == argument.length()) {
                throw wrong(argument, "must have a value: " + key + "=…");
            }
            if (values.put(key, Arrays.asList(argument.substring(equals + 1).split(","))) != null) {
                throw wrong(argument, "was given before");
            }
        }
    }

    /** Whether something was selected. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The positive numbers selected, or the standard ones. @throws UserError for anything else */
    public List<Integer> numbers(String key, List<Integer> standard) {
        if (!values.containsKey(key)) {
            return standard;
        }
        List<Integer> numbers = new ArrayList<>();
        for (String text : values.get(key)) {
            if (!text.matches("[1-9][0-9]{0,8}")) {
                throw wrong(text(key), "must hold positive whole numbers, separated by commas");
            }
            numbers.add(Integer.valueOf(text));
        }
        return numbers;
    }

    /** The one positive number selected, or the standard one. @throws UserError for anything else */
    public int number(String key, int standard) {
        List<Integer> numbers = numbers(key, List.of(standard));
        if (numbers.size() != 1) {
            throw wrong(text(key), "must be one number");
        }
        return numbers.get(0);
    }

    /** Those of the known words that were selected, all by default. @throws UserError naming the known words */
    public List<String> words(String key, List<String> known) {
        if (!values.containsKey(key)) {
            return known;
        }
        List<String> selected = values.get(key);
        if (!known.containsAll(selected)) {
            throw wrong(text(key), "must be among " + String.join(", ", known));
        }
        return known.stream().filter(selected::contains).toList();
    }

    /** The one word selected of those known, the first without. @throws UserError naming the known words */
    public String word(String key, List<String> known) {
        if (!values.containsKey(key)) {
            return known.get(0);
        }
        List<String> words = words(key, known);
        if (words.size() != 1) {
            throw wrong(text(key), "must be one of " + String.join(", ", known));
        }
        return words.get(0);
    }

    /** The file selected, if any. */
    public Optional<Path> file(String key) {
        return Optional.ofNullable(values.get(key)).map(parts -> Path.of(String.join(",", parts)));
    }

    private String text(String key) {
        return key + "=" + String.join(",", values.get(key));
    }

    private UserError wrong(String argument, String problem) {
        return new UserError("bench " + benchmark + ": '" + argument + "' " + problem);
    }
}
