package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;

import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.DoubleFieldProcessor;
import org.tribuo.data.columnar.processors.response.FieldResponseProcessor;
import org.tribuo.data.sql.SQLDBConfig;
import org.tribuo.data.sql.SQLDataSource;
import org.tribuo.provenance.DataProvenance;

class SecretsTest {
    private static final String SECRET = "hunter2";

    /** Of data from a database, as Tribuo tells it; no connection is made for that. */
    private static DataProvenance database() throws SQLException {
        RowProcessor<Label> rows = new RowProcessor<>(
                new FieldResponseProcessor<>("species", "?", new LabelFactory()),
                Map.of("length", new DoubleFieldProcessor("length")));
        SQLDBConfig config = new SQLDBConfig(
                "jdbc:postgresql://db.example.org/flowers?user=ada&password=" + SECRET,
                "ada",
                SECRET + "-redacted",
                Map.of("sslpassword", SECRET, "fetchDirection", "forward"));
        return new SQLDataSource<>("SELECT * FROM flower", config, new LabelFactory(), rows, true).getProvenance();
    }

    @Test
    void whatIsReadFromADatabaseIsLoggedWithoutItsPassword() throws Exception {
        MutableDataset<Label> data = new MutableDataset<>(database(), new LabelFactory());
        for (Example<Label> example : Trained.labelled()) {
            data.add(example);
        }
        StoredRun stored = StoredRun.start("a run");
        TribuoRun run = TribuoRun.of(stored);
        Model<Label> model = run.trainer("flowers", new LogisticRegressionTrainer(), TribuoModels::exportBoth)
                .train(data);
        run.evaluator(new LabelEvaluator()).evaluate(model, data);
        run.flush();
        RunInfo info = stored.info();
        assertThat(info.params() + " " + info.inputs() + " " + info.tags()).doesNotContain(SECRET);
        ModelVersion version = stored.registry().get(ModelRef.parse("flowers/1"));
        assertThat(version.toString())
                .doesNotContain(SECRET)
                .contains("jdbc:postgresql://db.example.org/flowers?user=ada&password=(hidden)")
                .contains("SELECT * FROM flower");
        for (FileEntry file : stored.artifacts().files()) {
            try (InputStream in = stored.openArtifact(file.path())) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                        .as(file.path())
                        .doesNotContain(SECRET);
            }
        }
        // It is loaded as any other.
        ModelFiles files = stored.registry().files(version);
        try (InferenceModel loaded = new TribuoModelLoader().load(files, ModelFolder.read(files))) {
            assertThat(loaded.signature().inputs()).hasSize(1);
        }
    }

    @Test
    void whatHoldsNoneIsWrittenAsItIs() {
        assertThat(Secrets.areIn(new LogisticRegressionTrainer()
                        .train(Trained.labelled())
                        .getProvenance()))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc:oracle:thin:scott/tiger@//db:1521/x | jdbc:oracle:thin:@//db:1521/x",
                "jdbc:h2:mem:x;USER=sa;PASSWORD=123;MODE=Oracle | jdbc:h2:mem:x;USER=sa;PASSWORD=(hidden);MODE=Oracle",
                "mongodb://ada:pw@db/x | mongodb://db/x",
                "jdbc:x://db/y?access_token=abc&z=1 | jdbc:x://db/y?access_token=(hidden)&z=1",
                "/data/flowers.csv | /data/flowers.csv",
                "token counts of a@b.org | token counts of a@b.org"
            })
    void secretsInTextsAreHidden(String text, String shown) {
        assertThat(Secrets.hidden("source", new StringProvenance("source", text)))
                .isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", "a.trustStorePassword", "secretKey", "api-key", "accessToken", "b.token"})
    void whatIsCalledASecretIsHidden(String name) {
        assertThat(Secrets.hidden(name, new StringProvenance(name, SECRET))).isEqualTo("(hidden)");
        assertThat(Secrets.hidden(name, new StringProvenance(name, ""))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer", "maxTokens", "epochs", "password.length", "signature", "keys"})
    void whatOnlySoundsLikeOneIsNot(String name) {
        assertThat(Secrets.hidden(name, new IntProvenance(name, 17))).isEqualTo("17");
    }

    @Test
    void theQueryOfAnAddressMayBeASignature() throws Exception {
        URLProvenance url = new URLProvenance(
                "url",
                URI.create("https://ada:pw@example.org:8443/x.csv?X-Sig=" + SECRET + "#f")
                        .toURL());
        assertThat(Secrets.hidden("url", url)).isEqualTo("https://example.org:8443/x.csv");
    }
}
