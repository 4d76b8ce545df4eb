package io.longstrand.config;

import io.longstrand.config.AttentionSection.AttentionKernel;
import io.longstrand.config.TrainSection.Precision;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Refuses values that are valid alone but impossible together. */
final class Combinations {
    private final Origin origin;

    Combinations(Origin origin) {
        this.origin = origin;
    }

    /** @throws UserError naming both keys, where each was set, and what would fit */
    void check(RunConfiguration configuration) {
        ModelSection model = configuration.model();
        require(
                model.hidden() % model.heads() == 0,
                "model.hidden",
                "model.heads",
                "hidden must be a multiple of heads, for example " + multiple(model.hidden(), model.heads()));
        require(
                model.heads() % model.kvHeads() == 0,
                "model.kv-heads",
                "model.heads",
                "kv-heads must divide heads: valid are " + divisors(List.of(model.heads())));
        if (model.position() == ModelSection.Position.ROTARY) {
            require(
                    model.headSize() % 2 == 0,
                    "model.hidden",
                    "model.heads",
                    "rotary positions need an even head size, hidden / heads is " + model.headSize());
        }
        require(
                configuration.attention().kernel() != AttentionKernel.NAIVE
                        || configuration.train().precision() == Precision.FP32,
                "attention.kernel",
                "train.precision",
                "naive attention holds fp32 matrices: choose train.precision = fp32 or attention.kernel = flash");
        mask(configuration.attention().mask());
        transport(configuration);
        tensor(configuration.parallel().tensor(), model);
        sequence(configuration.parallel(), model, configuration.attention());
    }

    /** Every rank of the tensor axis has as many heads and as wide a part of the MLP as any other. */
    private void tensor(int ranks, ModelSection model) {
        List<Integer> widths = List.of(model.heads(), model.kvHeads(), model.ffnHidden());
        String what = "tensor must divide heads, kv-heads and ffn-hidden: valid are " + divisors(widths);
        require(model.heads() % ranks == 0, "parallel.tensor", "model.heads", what);
        require(model.kvHeads() % ranks == 0, "parallel.tensor", "model.kv-heads", what);
        require(model.ffnHidden() % ranks == 0, "parallel.tensor", "model.ffn-hidden", what);
    }

    /** Each rank of the head axis has as many heads as any other, and the key heads these read. */
    private void sequence(ParallelSection parallel, ModelSection model, AttentionSection attention) {
        int heads = model.heads() / parallel.tensor();
        int keyHeads = model.kvHeads() / parallel.tensor();
        IntPredicate valid = ranks -> heads % ranks == 0 && (keyHeads % ranks == 0 || ranks % keyHeads == 0);
        String what = "head must divide "
                + (parallel.tensor() == 1 ? "heads" : "heads / tensor = " + heads)
                + ", and divide kv-heads or be a multiple of them: valid are " + those(heads, valid);
        require(heads % parallel.head() == 0, "parallel.head", "model.heads", what);
        require(valid.test(parallel.head()), "parallel.head", "model.kv-heads", what);
        boolean flash = attention.kernel() != AttentionKernel.NAIVE;
        String naive = "naive attention has whole sequences: choose attention.kernel = flash";
        require(flash || parallel.context() == 1, "attention.kernel", "parallel.context", naive);
        require(flash || parallel.head() == 1, "attention.kernel", "parallel.head", naive);
    }

    private void mask(AttentionSection.MaskSection mask) {
        boolean custom = mask.kind() == AttentionSection.MaskKind.CUSTOM;
        boolean rule = !mask.rule().isBlank();
        boolean file = !mask.file().isBlank();
        require(
                !rule || custom,
                "attention.mask.rule",
                "attention.mask.kind",
                "a rule of your own needs attention.mask.kind = custom");
        require(
                !file || custom,
                "attention.mask.file",
                "attention.mask.kind",
                "a mask file needs attention.mask.kind = custom");
        require(!rule || !file, "attention.mask.rule", "attention.mask.file", "name the one or the other");
        require(
                !custom || rule || file,
                "attention.mask.kind",
                "attention.mask.rule",
                "a custom mask needs the name of a class in attention.mask.rule or of a file in attention.mask.file");
        require(
                !custom || mask.placement() == AttentionSection.MaskPlacement.HOST,
                "attention.mask.kind",
                "attention.mask.placement",
                "a custom mask is made on the host; set attention.mask.placement = host");
    }

    private void transport(RunConfiguration configuration) {
        boolean tcp = configuration.comm().transport() != CommSection.Transport.NCCL;
        BackendChoice backend = configuration.backend();
        require(
                tcp || backend == BackendChoice.AUTO || backend == BackendChoice.TORCH,
                "comm.transport",
                "backend",
                "nccl takes tensors of the torch backend: choose backend = torch or comm.transport = tcp");
        require(
                tcp || configuration.comm().encryption() != CommSection.Encryption.ON,
                "comm.transport",
                "comm.encryption",
                "nccl does not encrypt: choose comm.transport = tcp or comm.encryption = off");
    }

    private void require(boolean holds, String key, String other, String what) {
        if (!holds) {
            throw new UserError(origin.of(key) + " does not go with " + origin.beside(other) + ": " + what);
        }
    }

    private static int multiple(int value, int factor) {
        return (value + factor - 1) / factor * factor;
    }

    /** What divides all of them. */
    static String divisors(List<Integer> numbers) {
        return those(Collections.min(numbers), divisor -> numbers.stream().allMatch(number -> number % divisor == 0));
    }

    /** Numbers from 1 on of which something holds. */
    private static String those(int most, IntPredicate holds) {
        return IntStream.rangeClosed(1, most)
                .filter(holds)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", "));
    }
}
