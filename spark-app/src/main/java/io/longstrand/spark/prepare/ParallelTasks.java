package io.longstrand.spark.prepare;

import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** Runs one Spark task for each piece of work and tells when each is done. */
final class ParallelTasks {
    private final JavaSparkContext context;

    /** What a task does; travels to the executors. */
    interface Work<A, B> extends Serializable {
        B run(A input) throws IOException;
    }

    ParallelTasks(JavaSparkContext context) {
        this.context = context;
    }

    /**
     * @param description shown in Spark's pages
     * @param done called with the number of finished tasks after each
     * @return the results in the order of the inputs
     * @throws UserError the one a task threw
     * @throws RunFailure when tasks failed for another reason
     */
    <A, B> List<B> run(String description, List<A> inputs, Work<A, B> work, IntConsumer done) {
        if (inputs.isEmpty()) {
            return List.of();
        }
        JavaRDD<A> pieces = context.parallelize(inputs, inputs.size());
        Results<B> results = new Results<>(inputs.size(), done);
        context.setJobDescription(description);
        try {
            context.sc()
                    .runJob(
                            pieces.rdd(),
                            new OnePiece<>(work),
                            JavaConverters.asScalaBuffer(IntStream.range(0, inputs.size())
                                            .<Object>mapToObj(i -> i)
                                            .toList())
                                    .toSeq(),
                            results,
                            ClassTag$.MODULE$.apply(Object.class));
            return results.inOrder();
        } catch (Exception e) {
            throw cause(description, e);
        } finally {
            context.setJobDescription(null);
        }
    }

    /** Spark wraps what a task threw; a user error keeps its message. */
    private static RuntimeException cause(String description, Exception failure) {
        Throwable cause = failure;
        while (cause != null) {
            if (cause instanceof UserError error) {
                return error;
            }
            if (cause.getCause() == null) {
                String message =
                        String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
                return new RunFailure(
                        description + " failed: " + message + "; run the command again: finished parts are kept",
                        failure);
            }
            cause = cause.getCause();
        }
        throw new IllegalStateException(failure);
    }

    private static final class OnePiece<A, B> extends AbstractFunction2<TaskContext, Iterator<A>, B>
            implements Serializable {
        private static final long serialVersionUID = 1L;

        private final Work<A, B> work;

        OnePiece(Work<A, B> work) {
            this.work = work;
        }

        @Override
        public B apply(TaskContext task, Iterator<A> pieces) {
            try {
                return work.run(pieces.next());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** Collects on the driver, one call at a time. */
    private static final class Results<B> extends AbstractFunction2<Object, B, BoxedUnit> {
        private final List<B> results;
        private final IntConsumer done;
        private int finished;

        Results(int count, IntConsumer done) {
            this.results = new ArrayList<>(Collections.nCopies(count, null));
            this.done = done;
        }

        @Override
        public BoxedUnit apply(Object index, B result) {
            results.set((Integer) index, result);
            finished++;
            done.accept(finished);
            return BoxedUnit.UNIT;
        }

        List<B> inOrder() {
            return Collections.unmodifiableList(results);
        }
    }
}
