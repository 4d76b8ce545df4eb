package io.longstrand.spark.launch;

import io.longstrand.config.CommSection;
import io.longstrand.metrics.RunEvent;
import io.longstrand.spark.plugin.RankFailure;
import io.longstrand.spark.plugin.RankListener;
import io.longstrand.train.StopAnswer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;

/** Whether Spark starts here, runs a barrier stage, and carries a rank's heartbeat to the driver and back. */
public final class SparkCheck {
    /** @return what was found, one line */
    public String run() {
        AtomicInteger heard = new AtomicInteger();
        try (JavaSparkContext spark = new SparkOpener().open()) {
            CommSection comm =
                    new CommSection(CommSection.Transport.TCP, Duration.ofMinutes(1), CommSection.Encryption.AUTO);
            List<String> answers = new RankLauncher(spark, comm)
                    .launch(1, place -> place.driver().heartbeat(0).name(), new RankListener() {
                        @Override
                        public StopAnswer heartbeat(int rank, long step) {
                            heard.incrementAndGet();
                            return StopAnswer.GO_ON;
                        }

                        @Override
                        public void event(int rank, RunEvent event) {}

                        @Override
                        public void failed(RankFailure failure) {}
                    });
            if (heard.get() != 1 || !answers.equals(List.of(StopAnswer.GO_ON.name()))) {
                throw new IllegalStateException("a rank's heartbeat was answered with " + answers);
            }
            return spark.version() + " on " + spark.sc().master() + " with " + new Slots(spark.sc()).available()
                    + " slots; a rank ran in a barrier stage and the driver answered its heartbeat";
        }
    }
}
