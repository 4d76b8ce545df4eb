package io.longstrand.bench.peer;

import io.longstrand.plan.ProductShape;
import io.longstrand.plan.SustainedRate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** libtorch: {@code torch.mm(left, right.t(), out=out)}. */
public final class LibtorchProducts implements MatrixLibrary {
    @Override
    public String name() {
        return "libtorch";
    }

    @Override
    public boolean multiplies(String precision) {
        return true;
    }

    @Override
    public double flopsPerSecond(ProductShape shape, String precision, int threads) {
        torch.ScalarType type = precision.equals("bf16") ? torch.ScalarType.BFloat16 : torch.ScalarType.Float;
        return new OwnThread().call(() -> {
            new Libtorch().threads(threads);
            try (PointerScope scope = new PointerScope()) {
                Tensor left =
                        torch.full(new long[] {shape.m(), shape.k()}, half()).to(type);
                Tensor right = torch.full(new long[] {shape.n(), shape.k()}, half())
                        .to(type)
                        .t();
                Tensor out =
                        torch.full(new long[] {shape.m(), shape.n()}, half()).to(type);
                return new SustainedRate().of(shape.flops(), () -> {
                    for (int i = 0; i < shape.count(); i++) {
                        torch.mm_out(out, left, right).close();
                    }
                });
            } finally {
                new Libtorch().threads(1);
            }
        });
    }

    private static Scalar half() {
        return new Scalar(0.5);
    }
}
