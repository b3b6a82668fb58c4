package io.jvmlops.test.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelLoader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** What every {@link ModelLoader} does. */
public abstract class ModelLoaderContract {
    protected abstract ModelLoader loader();

    /** A good model's files. */
    protected abstract InMemoryModelFiles files();

    /** The descriptor of these files. */
    protected abstract ModelDescriptor descriptor();

    /** The file that holds the model. */
    protected String data() {
        Map<String, String> settings = descriptor().flavors().get(loader().flavor());
        assertThat(settings).as("settings of the loader's flavor").isNotNull();
        return settings.getOrDefault(ModelDescriptor.DATA, "");
    }

    /** Whether {@link java.util.ServiceLoader} finds it. */
    protected boolean isProvided() {
        return true;
    }

    @Test
    void loadsAModelThatSaysWhatItIs() {
        try (InferenceModel model = load(files())) {
            assertThat(model.flavor()).isEqualTo(loader().flavor());
            assertThat(model.digest())
                    .isEqualTo(files().toModelFiles("m/1").manifest().digest());
            assertThat(model.signature().inputs()).isNotEmpty();
            assertThat(model.signature().outputs()).isNotEmpty();
            assertThat(model.descriptor().signature()).isEqualTo(model.signature());
        }
    }

    @Test
    void readsTheSignatureFromTheModelIfTheFolderDoesNotSay() {
        ModelDescriptor bare = ModelDescriptor.ofFile(loader().flavor(), data());
        try (InferenceModel model = loader().load(files().toModelFiles("m/1"), bare)) {
            assertThat(model.signature().inputs()).isNotEmpty();
            assertThat(model.signature().outputs()).isNotEmpty();
        }
    }

    @Test
    void isFoundAsAService() {
        if (isProvided()) {
            assertThat(ServiceLoader.load(ModelLoader.class).stream().map(ServiceLoader.Provider::type))
                    .contains(loader().getClass().asSubclass(ModelLoader.class));
        }
    }

    @Test
    void refusesAnAlteredFile() {
        byte[] bytes = files().bytes(data());
        bytes[bytes.length / 2] ^= 1;
        assertThatThrownBy(() -> load(files().with(data(), bytes)))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(data());
    }

    @Test
    void refusesAFileThatWasCutShort() {
        byte[] bytes = files().bytes(data());
        assertThatThrownBy(() -> load(files().with(data(), Arrays.copyOf(bytes, bytes.length - 1))))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void refusesAFileThatGrew() {
        byte[] bytes = files().bytes(data());
        assertThatThrownBy(() -> load(files().with(data(), Arrays.copyOf(bytes, bytes.length + 1))))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void refusesAFileThatIsMissing() {
        assertThatThrownBy(() -> load(files().without(data())))
                .isInstanceOfAny(ModelLoadException.class, StorageException.class)
                .hasMessageContaining(data());
    }

    @Test
    void refusesAFileThatTheVersionDoesNotHave() {
        Map<String, Map<String, String>> flavors =
                new LinkedHashMap<>(descriptor().flavors());
        flavors.put(loader().flavor(), Map.of(ModelDescriptor.DATA, "not-there.bin"));
        ModelDescriptor elsewhere = new ModelDescriptor(
                flavors,
                descriptor().signature(),
                descriptor().labels(),
                descriptor().runId(),
                descriptor().provenance(),
                Map.of(),
                descriptor().inputExample());
        assertThatThrownBy(() -> loader().load(files().toModelFiles("m/1"), elsewhere))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("not-there.bin");
    }

    @Test
    void refusesAnEmptyFile() {
        assertThatThrownBy(() -> load(files().with(data(), new byte[0]).sealed()))
                .isInstanceOf(ModelLoadException.class);
    }

    @Test
    void refusesAFileOfAnotherKind() {
        byte[] text = "<html>404 Not Found</html>".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> load(files().with(data(), text).sealed())).isInstanceOf(ModelLoadException.class);
    }

    /** Damage that was registered as it is: a loader may find it out or not, but it throws only what it promised. */
    @Test
    void throwsOnlyExceptionsOfOursOnRegisteredDamage() {
        Random random = new Random(7);
        byte[] good = files().bytes(data());
        for (int i = 0; i < 50; i++) {
            byte[] bad = Arrays.copyOf(good, i % 2 == 0 ? good.length : 1 + random.nextInt(good.length));
            for (int j = 0; j < 3; j++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try (InferenceModel model = load(files().with(data(), bad).sealed())) {
                assertThat(model.signature()).isNotNull();
            } catch (MlopsException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private InferenceModel load(InMemoryModelFiles files) {
        return loader().load(files.toModelFiles("m/1"), descriptor());
    }
}
