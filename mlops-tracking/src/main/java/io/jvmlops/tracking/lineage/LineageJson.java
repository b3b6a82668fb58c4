package io.jvmlops.tracking.lineage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.lineage.Lineage;
import io.jvmlops.api.lineage.LineageEdge;
import io.jvmlops.api.lineage.LineageNode;
import io.jvmlops.api.lineage.LineageNode.AliasMove;
import io.jvmlops.api.lineage.LineageNode.Artifact;
import io.jvmlops.api.lineage.LineageNode.Dataset;
import io.jvmlops.api.lineage.LineageNode.Run;
import io.jvmlops.api.lineage.LineageNode.Version;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * A lineage as JSON, for other programs. The form stays; what comes new is added beside what there is.
 *
 * <pre>{@code
 * {"format": 1,
 *  "root": "model_version:iris/3",
 *  "nodes": [
 *    {"id": "model_version:iris/3", "kind": "model_version", "model": "iris", "version": 3,
 *     "state": "present", "facts": {"created_by": "ada", "aliases": "champion"}},
 *    {"id": "run:0123", "kind": "run", "run": "0123", "state": "deleted", "facts": {"status": "FINISHED"}}],
 *  "edges": [{"from": "model_version:iris/3", "relation": "wasGeneratedBy", "to": "run:0123"}],
 *  "complete": false,
 *  "cuts": [{"node": "run:0123", "direction": "upstream", "limit": "depth"}]}
 * }</pre>
 *
 * <p>Nodes have what names them beside the id: {@code name} and {@code digest} of a dataset; {@code run}; {@code run}, {@code
 * path} and {@code digest} of an artifact; {@code model} and {@code version}; {@code model}, {@code alias} and {@code sequence} of
 * an alias's move. Digests are 64 hexadecimal digits. {@code state} is {@code present}, {@code deleted} or {@code unknown}; facts
 * are texts, for people. An edge goes from what is later to what it came from. The root is the first node.
 */
public final class LineageJson {
    private static final int FORMAT = 1;
    private static final JsonFactory JSON = new JsonFactory();

    private LineageJson() {}

    /** The lineage as one line of JSON; the same for equal lineages. */
    public static String toJson(Lineage lineage) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            write(lineage, json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * Writes the lineage in UTF-8 and leaves the stream open.
     *
     * @throws StorageException if it cannot be written
     */
    public static void write(Lineage lineage, OutputStream to) {
        try (JsonGenerator json = JSON.createGenerator(to).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            write(lineage, json);
        } catch (IOException e) {
            throw new StorageException("the lineage of " + lineage.root().id() + " cannot be written", e);
        }
    }

    private static void write(Lineage lineage, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("format", FORMAT);
        json.writeStringField("root", lineage.root().id());
        json.writeArrayFieldStart("nodes");
        for (Lineage.Entry entry : lineage.entries()) {
            json.writeStartObject();
            name(entry.node(), json);
            json.writeStringField("state", entry.state().label());
            json.writeObjectFieldStart("facts");
            for (Map.Entry<String, String> fact : entry.facts().entrySet()) {
                json.writeStringField(fact.getKey(), fact.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("edges");
        for (LineageEdge edge : lineage.edges()) {
            json.writeStartObject();
            json.writeStringField("from", edge.from().id());
            json.writeStringField("relation", edge.relation().term());
            json.writeStringField("to", edge.to().id());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeBooleanField("complete", lineage.isComplete());
        json.writeArrayFieldStart("cuts");
        for (Lineage.Cut cut : lineage.cuts()) {
            json.writeStartObject();
            json.writeStringField("node", cut.node().id());
            json.writeStringField("direction", cut.direction().label());
            json.writeStringField("limit", cut.limit().label());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void name(LineageNode node, JsonGenerator json) throws IOException {
        json.writeStringField("id", node.id());
        json.writeStringField("kind", node.kind());
        if (node instanceof Dataset dataset) {
            json.writeStringField("name", dataset.name());
            json.writeStringField("digest", dataset.digest().hex());
        } else if (node instanceof Run run) {
            json.writeStringField("run", run.runId());
        } else if (node instanceof Artifact artifact) {
            json.writeStringField("run", artifact.runId());
            json.writeStringField("path", artifact.path());
            json.writeStringField("digest", artifact.digest().hex());
        } else if (node instanceof Version version) {
            json.writeStringField("model", version.model());
            json.writeNumberField("version", version.version());
        } else if (node instanceof AliasMove move) {
            json.writeStringField("model", move.model());
            json.writeStringField("alias", move.alias());
            json.writeNumberField("sequence", move.sequence());
        }
    }
}
