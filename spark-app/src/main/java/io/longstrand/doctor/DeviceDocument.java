package io.longstrand.doctor;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.longstrand.conformance.KernelVerdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A report as nested maps and lists, and those as JSON. */
public final class DeviceDocument {
    private static final ConfigRenderOptions JSON =
            ConfigRenderOptions.concise().setFormatted(true).setJson(true);

    private DeviceDocument() {}

    /** Everything in a report. A number that is none is null. */
    public static Map<String, Object> of(DeviceReport report) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("healthy", report.healthy());
        document.put("backend", report.backend());
        document.put("description", report.description());
        document.put("device", report.device());
        document.put(
                "kernels", report.kernels().stream().map(DeviceDocument::of).toList());
        document.put("rates", report.rates().stream().map(DeviceDocument::of).toList());
        document.put("steps", report.steps().stream().map(DeviceDocument::of).toList());
        document.put("faults", report.allFaults());
        document.put("remarks", report.remarks());
        document.put("seconds", number(report.seconds()));
        return document;
    }

    /** One document of maps, lists, numbers and texts. */
    public static String json(Map<String, Object> document) {
        return ConfigValueFactory.fromMap(document).render(JSON);
    }

    private static Map<String, Object> of(KernelVerdict verdict) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kernel", verdict.kernel());
        row.put("type", DeviceTable.precision(verdict.type()));
        row.put("right", verdict.right());
        row.put("comparisons", verdict.comparisons());
        row.put("deviation", number(verdict.deviation()));
        row.put("ofAllowed", number(verdict.ofAllowed()));
        row.put("largest", verdict.largest());
        row.put("seconds", number(verdict.seconds()));
        row.put("faults", List.copyOf(verdict.faults()));
        return row;
    }

    private static Map<String, Object> of(Rate rate) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("what", rate.what());
        row.put("perSecond", number(rate.perSecond()));
        row.put("unit", rate.unit());
        return row;
    }

    private static Map<String, Object> of(StepVerdict step) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("precision", step.precision());
        row.put("loss", number(step.loss()));
        row.put("lossDeviation", number(step.lossDeviation()));
        row.put("lossTolerance", number(step.lossTolerance()));
        row.put("gradientDeviation", number(step.gradientDeviation()));
        row.put("gradientTolerance", number(step.gradientTolerance()));
        row.put("worstParameter", step.worstParameter());
        row.put("seconds", number(step.seconds()));
        return row;
    }

    private static Object number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
