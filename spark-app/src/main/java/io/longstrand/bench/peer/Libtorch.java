package io.longstrand.bench.peer;

import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/** libtorch in this process, if the application was built with it. */
public final class Libtorch {
    /** Why libtorch cannot be compared with here; empty when it can. */
    public Optional<String> unavailable() {
        try {
            Loader.load(torch.class);
            return Optional.empty();
        } catch (LinkageError e) {
            return Optional.of("libtorch is not in this build (" + e.getMessage()
                    + "); start with LONGSTRAND_PROFILE=torch to build with it");
        }
    }

    /** Gives its operations and the OpenBLAS below them so many threads. */
    public void threads(int count) {
        torch.set_num_threads(count);
        openblas.blas_set_num_threads(count);
    }
}
