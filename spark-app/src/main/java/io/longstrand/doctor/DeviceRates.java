package io.longstrand.doctor;

import io.longstrand.plan.PeakProbe;
import io.longstrand.plan.SustainedRate;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** How fast a device multiplies and copies, in about a second. */
final class DeviceRates {
    private static final String OWNER = "device check";
    private static final long COPIED = 128L << 20;

    private final PeakProbe probe = new PeakProbe();
    private final SustainedRate sustained = new SustainedRate();

    /** What was measured on an open backend. */
    List<Rate> measure(Backend backend) {
        List<Rate> rates = new ArrayList<>();
        rates.add(new Rate("matmul fp32", probe.growingFlopsPerSecond(backend, DataType.FLOAT32) * 1e-9, "GFLOP/s"));
        rates.add(new Rate("matmul bf16", probe.growingFlopsPerSecond(backend, DataType.BFLOAT16) * 1e-9, "GFLOP/s"));
        rates.addAll(copies(backend));
        return rates;
    }

    private List<Rate> copies(Backend backend) {
        long elements = COPIED / Float.BYTES;
        try (Arena device = new Arena(backend, Place.DEVICE, 2 * COPIED);
                Arena host = new Arena(backend, Place.HOST, COPIED)) {
            Tensor here = host.allocate(OWNER, DataType.FLOAT32, 1, elements);
            Tensor there = device.allocate(OWNER, DataType.FLOAT32, 1, elements);
            Tensor beside = device.allocate(OWNER, DataType.FLOAT32, 1, elements);
            return List.of(
                    copy(backend, "copy host to device", here, there),
                    copy(backend, "copy device to host", there, here),
                    copy(backend, "copy within device", there, beside));
        }
    }

    private Rate copy(Backend backend, String what, Tensor from, Tensor to) {
        double bytes = sustained.of(from.bytes(), () -> {
            backend.kernels().copy(from, to);
            backend.synchronize();
        });
        return new Rate(what, bytes * 1e-9, "GB/s");
    }
}
