package io.longstrand.conformance;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.List;

/** Copies within the device and across places. */
final class CopyCases {
    private CopyCases() {}

    static List<KernelCase> all() {
        return List.of(
                new KernelCase("copy", "crosses places and strides unchanged", CopyCases::crossings),
                new KernelCase("copy", "rounds to bfloat16 to nearest even, and back is exact", CopyCases::rounding),
                new KernelCase("copy", "keeps integers", CopyCases::integers));
    }

    private static void crossings(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns));
            Tensor from = bench.device(x, stored);
            Tensor to = bench.undefined(rows, columns, stored);
            bench.kernels().copy(from, to);
            bench.check(Tolerance.EXACT, what, bench.read(to), x);

            Tensor host =
                    bench.allocate(Place.HOST, stored.type(), rows, columns + 2).columns(1, columns + 1);
            bench.kernels().copy(to, host);
            bench.check(Tolerance.EXACT, what + " to host", bench.read(host), x);
            Tensor back = bench.undefined(rows, columns, stored);
            bench.kernels().copy(host, back);
            bench.check(Tolerance.EXACT, what + " from host", bench.read(back), x);
        });
    }

    private static void rounding(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = bench.random().normal(rows, columns);
            x[0][0] = Float.intBitsToFloat(0x3F808000); // half way: down to even
            x[rows - 1][columns - 1] = Float.intBitsToFloat(0xBF818000); // half way: up to even
            double[][] expected = Matrices.map(x, Stored::toBfloat16);
            Tensor narrow = bench.device(x, stored.placing(), DataType.BFLOAT16);
            Tensor wide = bench.undefined(rows, columns, stored);
            bench.kernels().copy(narrow, wide);
            bench.check(Tolerance.EXACT, what, bench.read(wide), expected);
        });
    }

    private static void integers(Workbench bench) {
        int[] values = {0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 16777217};
        Tensor device = bench.integers(values);
        Tensor host = bench.allocate(Place.HOST, DataType.INT32, 1, values.length);
        bench.kernels().copy(device, host);
        bench.backend().synchronize();
        double[] found = new double[values.length];
        double[] expected = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            found[i] = host.hostBytes().getInt(i * Integer.BYTES);
            expected[i] = values[i];
        }
        bench.check(Tolerance.EXACT, "integers", found, expected);
    }
}
