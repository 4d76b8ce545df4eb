package io.longstrand.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/** Events as JSON, one line each. */
public final class EventFormat {
    /** A newer version's fields do not hinder an older reader. */
    private final ObjectMapper mapper = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** The event on one line, without the line's end. */
    public String write(RunEvent event) {
        try {
            return mapper.writerFor(RunEvent.class).writeValueAsString(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + event, e);
        }
    }

    /** The event of a line; empty for a line that is none, as an interrupted write leaves at the end of a file. */
    public Optional<RunEvent> read(String line) {
        try {
            return Optional.of(mapper.readValue(line, RunEvent.class));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
