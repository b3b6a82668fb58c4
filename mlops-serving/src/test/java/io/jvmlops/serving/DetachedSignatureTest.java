package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.TestRegistry.Constants;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.test.model.InMemoryModelFiles;
import io.jvmlops.test.model.ModelVerifierContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachedSignatureTest extends ModelVerifierContract {
    private static final KeyPair KEY = pair("Ed25519", 0);
    private static final KeyPair OTHER = pair("Ed25519", 0);

    private static final Map<String, byte[]> CONTENT =
            Map.of("MLmodel", new byte[] {1}, "model.onnx", new byte[] {2, 3});

    @TempDir
    Path folder;

    private static KeyPair pair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] signature(InMemoryModelFiles files, KeyPair key) {
        try {
            byte[] text = DetachedSignature.text(files.toModelFiles("m"));
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key.getPrivate());
            signer.update(text);
            return DetachedSignature.toFile(text, signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InMemoryModelFiles signed(KeyPair key) {
        InMemoryModelFiles files = InMemoryModelFiles.of(CONTENT);
        return files.with("MLmodel.sig", signature(files, key)).sealed();
    }

    @Override
    protected ModelVerifier verifier() {
        return DetachedSignature.by(OTHER.getPublic(), KEY.getPublic());
    }

    @Override
    protected ModelFiles accepted() {
        return signed(KEY).toModelFiles("signed");
    }

    @Override
    protected ModelFiles refused() {
        return InMemoryModelFiles.of(CONTENT).toModelFiles("unsigned");
    }

    @Test
    void whatIsWrongIsSaid() {
        ModelVerifier verifier = DetachedSignature.by(KEY.getPublic());
        assertThatThrownBy(() -> verifier.verify(refused()))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("model unsigned is not signed: its folder has no MLmodel.sig");
        assertThatThrownBy(() -> verifier.verify(signed(OTHER).toModelFiles("m")))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("signed by a key that is none of the 1 expected");
        for (InMemoryModelFiles altered : List.of(
                signed(KEY).with("model.onnx", new byte[] {2, 4}),
                signed(KEY).with("more.txt", new byte[0]),
                signed(KEY).without("model.onnx"))) {
            assertThatThrownBy(() -> verifier.verify(altered.sealed().toModelFiles("m")))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("was altered since it was signed");
        }
        // Of a folder that was altered beneath its manifest, the files say so themselves.
        assertThatThrownBy(() -> verifier.verify(
                        signed(KEY).with("MLmodel.sig", new byte[] {1}).toModelFiles("m")))
                .isInstanceOf(IntegrityException.class);
    }

    /** Whatever byte of the signature's file has a bit flipped: it is refused, by this message or that. */
    @Test
    void everyByteOfASignatureCounts() {
        InMemoryModelFiles signed = signed(KEY);
        byte[] good = signed.bytes("MLmodel.sig");
        int second = new String(good, StandardCharsets.ISO_8859_1).indexOf("signs ");
        ModelVerifier verifier = DetachedSignature.by(KEY.getPublic());
        int harmless = 0;
        for (int i = 0; i < good.length; i++) {
            byte[] altered = good.clone();
            altered[i] ^= (byte) (1 << i % 7);
            ModelFiles files = signed.with("MLmodel.sig", altered).sealed().toModelFiles("m");
            int digit = i - second - "signs sha256:".length();
            if (digit >= 0 && digit < 64 && "0123456789abcdef".indexOf(altered[i]) >= 0) {
                // The second line is there for messages: what is signed is what counts.
                assertThatCode(() -> verifier.verify(files)).doesNotThrowAnyException();
                harmless++;
            } else {
                assertThatThrownBy(() -> verifier.verify(files)).isInstanceOf(IntegrityException.class);
            }
        }
        assertThat(harmless).isLessThanOrEqualTo(64);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jvmlops-signature 2\n",
                "jvmlops-signature 1\nsigns sha256:00\nvalue AA==\n",
                "jvmlops-signature 1\r\nsigns sha256:00\r\nvalue AA==\r\n",
            })
    void anotherFormIsRefused(String text) {
        ModelVerifier verifier = DetachedSignature.by(KEY.getPublic());
        for (byte[] file : List.of(text.getBytes(StandardCharsets.US_ASCII), new byte[20_000])) {
            assertThatThrownBy(() -> verifier.verify(InMemoryModelFiles.of(CONTENT)
                            .with("MLmodel.sig", file)
                            .sealed()
                            .toModelFiles("m")))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("expected the three lines");
        }
    }

    private Path model() {
        try {
            Files.writeString(folder.resolve("value.txt"), "7");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ModelFolder.write(folder, ModelDescriptor.ofFile("constant", "value.txt"));
        return folder;
    }

    @ParameterizedTest
    @CsvSource({"Ed25519, 0", "Ed448, 0", "RSA, 2048", "EC, 256", "EC, 384", "EC, 521"})
    void keysOfManyKindsSignAndVerify(String algorithm, int bits) throws IOException {
        KeyPair key = pair(algorithm, bits);
        Path model = model();
        DetachedSignature.sign(model, key.getPrivate());
        ModelVerifier verifier = DetachedSignature.by(OTHER.getPublic(), key.getPublic());
        verifier.verify(ModelFolder.files(model));
        assertThatThrownBy(() -> DetachedSignature.by(OTHER.getPublic()).verify(ModelFolder.files(model)))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("none of the 1 expected");
        Files.writeString(model.resolve("value.txt"), "8");
        assertThatThrownBy(() -> verifier.verify(ModelFolder.hash(model)))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("altered");
        // Signed again, with MLmodel written anew beside the old signature.
        ModelFolder.write(model, ModelDescriptor.ofFile("constant", "value.txt"));
        assertThatThrownBy(() -> verifier.verify(ModelFolder.files(model))).isInstanceOf(IntegrityException.class);
        DetachedSignature.sign(model, key.getPrivate());
        verifier.verify(ModelFolder.files(model));
        assertThat(ModelFolder.read(ModelFolder.files(model)).digests()).containsOnlyKeys("value.txt");
    }

    @Test
    void otherKeysAreRefusedWhenTheyAreGiven() {
        assertThatThrownBy(DetachedSignature::by).isInstanceOf(IllegalArgumentException.class);
        KeyPair small = pair("RSA", 1024);
        KeyPair dsa = pair("DSA", 2048);
        KeyPair agreement = pair("X25519", 0);
        for (KeyPair key : List.of(small, dsa, agreement)) {
            assertThatThrownBy(() -> DetachedSignature.by(key.getPublic()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> DetachedSignature.sign(new byte[1], key.getPrivate()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> DetachedSignature.by(small.getPublic()))
                .hasMessageContaining("1024 bits: expected 2048 or more");
    }

    @Test
    void asAnExporterItSignsWhatIsLogged() throws IOException {
        ModelExporter exporter = DetachedSignature.signing(
                (where, runId) -> {
                    try {
                        Files.writeString(where.resolve("value.txt"), "7");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return ModelFolder.write(where, ModelDescriptor.ofFile("constant", "value.txt"));
                },
                KEY.getPrivate());
        exporter.export(folder, null);
        Constants constants = new Constants();
        try (TestRegistry models = new TestRegistry()) {
            ModelVersion version = TestRegistry.register(models.artifacts, models.registry, "c", folder);
            models.constant("c", "8");
            models.registry.setAlias("c", "live", version);
            try (Serving serving = Serving.builder(models.registry)
                    .loader(constants)
                    .verifier(DetachedSignature.by(KEY.getPublic()))
                    .build()) {
                assertThat(serving.live("c@live").version()).isEqualTo(1);
                assertThatThrownBy(() -> serving.live("c/2"))
                        .isInstanceOf(IntegrityException.class)
                        .hasMessageContaining("model c/2 is not signed");
                models.registry.setAlias(
                        "c", "live", models.registry.versions("c").get(1));
                serving.refresh();
                assertThat(serving.live("c@live").version()).isEqualTo(1);
                assertThat(serving.live("c@live").lastFailure()).contains("is not signed");
            }
        }
        assertThat(constants.open).hasValue(0);
    }

    /** A loader for one that is verified: it must not be reached otherwise. */
    private static final class Parser implements ModelLoader {
        int asked;

        @Override
        public String flavor() {
            return "onnx";
        }

        @Override
        public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
            asked++;
            throw new ModelLoadException("parsed");
        }
    }

    @Test
    void filesAreSignedByContentAndFoldersAreNone() throws IOException {
        byte[] bytes = new byte[100];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(folder.resolve("m.onnx"), bytes);
        DetachedSignature.sign(file, KEY.getPrivate());
        DetachedSignature by = DetachedSignature.by(KEY.getPublic());
        Parser parser = new Parser();
        Models.Loader loader = Models.loader().loader(parser);
        byte[] signature = DetachedSignature.sign(bytes, KEY.getPrivate());
        assertThat(folder.resolve("m.onnx.sig")).hasBinaryContent(signature);
        int passed = 0;
        for (ModelSource good : List.of(
                ModelSource.file(file).verifiedBy(by.beside(file)),
                ModelSource.file(file).verifiedBy(by.given(signature)),
                ModelSource.bytes("renamed.onnx", bytes).verifiedBy(by.given(signature)))) {
            assertThatThrownBy(() -> loader.load(good)).hasMessageContaining("parsed");
            passed++;
            assertThat(parser.asked).isEqualTo(passed);
        }
        byte[] altered = bytes.clone();
        altered[50] ^= 1;
        Map<ModelSource, String> bad = Map.of(
                ModelSource.bytes("m.onnx", altered).verifiedBy(by.given(signature)),
                "altered since",
                ModelSource.bytes("m.onnx", bytes)
                        .verifiedBy(DetachedSignature.by(OTHER.getPublic()).given(signature)),
                "none of the 1 expected",
                ModelSource.bytes("m.onnx", bytes).verifiedBy(by),
                "not signed",
                ModelSource.bytes("m.onnx", bytes).verifiedBy(by.given(new byte[0])),
                "three lines",
                ModelSource.file(file).verifiedBy(by.beside(folder.resolve("other.onnx"))),
                "there is no " + folder.resolve("other.onnx.sig"));
        bad.forEach((source, why) -> assertThatThrownBy(() -> loader.load(source))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(why));
        assertThat(parser.asked).isEqualTo(passed);
        // A folder's text never passes for a file's, nor the other way round.
        ModelFiles inFolder = ModelFolder.hash(model());
        assertThatThrownBy(() -> by.given(DetachedSignature.toFile(DetachedSignature.text(inFolder), new byte[64]))
                        .verify(inFolder))
                .hasMessageContaining("is a folder");
        byte[] folderText = DetachedSignature.text(inFolder);
        byte[] fileText = DetachedSignature.text(ModelFiles.of(
                "m", new Manifest(List.of(new FileEntry("m", 1, Digest.of(new byte[1])))), f -> null));
        assertThat(Arrays.copyOf(folderText, 20)).isNotEqualTo(Arrays.copyOf(fileText, 20));
    }

    @Test
    void nothingIsParsedBeforeItIsVerified() throws IOException {
        Files.writeString(folder.resolve("MLmodel"), "{ this is no YAML");
        assertThatThrownBy(
                        () -> Models.load(ModelSource.folder(folder).verifiedBy(DetachedSignature.by(KEY.getPublic()))))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("not signed");
        assertThatThrownBy(() -> Models.load(ModelSource.folder(folder).expecting(Digest.of(new byte[0]))))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("not the one expected");
    }
}
