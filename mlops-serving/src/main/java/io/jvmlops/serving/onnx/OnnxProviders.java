package io.jvmlops.serving.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.NNAPIFlags;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.error.ModelLoadException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Hands execution providers and their options on to ONNX Runtime, by the method that each has there. */
final class OnnxProviders {
    private static final String SUFFIX = "EXECUTIONPROVIDER";

    private static final Map<String, OrtProvider> BY_NAME = byName();

    private OnnxProviders() {}

    private static Map<String, OrtProvider> byName() {
        Map<String, OrtProvider> names = new LinkedHashMap<>();
        for (OrtProvider provider : OrtProvider.values()) {
            names.put(key(provider.name()), provider);
            names.put(key(provider.getName()), provider);
        }
        return names;
    }

    private static String key(String name) {
        String key = name.toUpperCase(Locale.ROOT).replace("_", "").replace("-", "");
        return key.endsWith(SUFFIX) ? key.substring(0, key.length() - SUFFIX.length()) : key;
    }

    private static String shortName(OrtProvider provider) {
        String name = provider.getName();
        return name.endsWith("ExecutionProvider")
                ? name.substring(0, name.length() - "ExecutionProvider".length())
                : name;
    }

    private static Set<String> shortNames(Iterable<OrtProvider> providers) {
        Set<String> names = new TreeSet<>();
        providers.forEach(provider -> names.add(shortName(provider)));
        return names;
    }

    /**
     * @throws ModelLoadException if there is no such provider, or it has no such option
     * @throws MissingDependencyException if this build of the runtime has no such provider, or cannot start it
     */
    static void add(OnnxOptions.Provider asked, SessionOptions options) {
        OrtProvider provider = BY_NAME.get(key(asked.name()));
        if (provider == null) {
            throw new ModelLoadException("ONNX Runtime knows no execution provider '" + asked.name() + "'; it knows "
                    + shortNames(EnumSet.allOf(OrtProvider.class)));
        }
        EnumSet<OrtProvider> available = OrtEnvironment.getAvailableProviders();
        if (!available.contains(provider)) {
            throw new MissingDependencyException("execution provider " + shortName(provider)
                    + " is not in the ONNX Runtime on the class path, which has " + shortNames(available) + ": "
                    + remedy(provider));
        }
        try {
            add(provider, new Settings(shortName(provider), asked.options()), options);
        } catch (OrtException | LinkageError e) {
            throw new MissingDependencyException(
                    "execution provider " + shortName(provider) + " with " + asked.options() + " did not start: "
                            + e.getMessage() + ". Its own libraries must be installed in the versions that ONNX Runtime"
                            + " asks for",
                    e);
        }
    }

    private static String remedy(OrtProvider provider) {
        return switch (provider) {
            case CUDA, TENSOR_RT ->
                "add com.microsoft.onnxruntime:onnxruntime_gpu:1.28.0 in place of onnxruntime (Linux and"
                        + " Windows on 64-bit Intel processors, with NVIDIA's libraries installed)";
            case CORE_ML -> "it is in com.microsoft.onnxruntime:onnxruntime on macOS only";
            default ->
                "install a build of ONNX Runtime 1.28.0 that has it, and name its folder with"
                        + " -Donnxruntime.native.path=...";
        };
    }

    private static void add(OrtProvider provider, Settings settings, SessionOptions options) throws OrtException {
        switch (provider) {
            case CPU -> options.addCPU(settings.bool("use_arena", true));
            case CUDA -> {
                OnnxEnvironment.addProvider("cuda");
                try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(settings.number("device_id", 0))) {
                    for (Map.Entry<String, String> setting : settings.rest().entrySet()) {
                        cuda.add(setting.getKey(), setting.getValue());
                    }
                    options.addCUDA(cuda);
                }
            }
            case TENSOR_RT -> {
                OnnxEnvironment.addProvider("cuda");
                OnnxEnvironment.addProvider("tensorrt");
                try (OrtTensorRTProviderOptions trt = new OrtTensorRTProviderOptions(settings.number("device_id", 0))) {
                    for (Map.Entry<String, String> setting : settings.rest().entrySet()) {
                        trt.add(setting.getKey(), setting.getValue());
                    }
                    options.addTensorrt(trt);
                }
            }
            case ROCM -> {
                OnnxEnvironment.addProvider("rocm");
                options.addROCM(settings.number("device_id", 0));
            }
            case DNNL -> {
                OnnxEnvironment.addProvider("dnnl");
                options.addDnnl(settings.bool("use_arena", true));
            }
            case OPEN_VINO -> {
                OnnxEnvironment.addProvider("openvino");
                options.addOpenVINO(settings.text("device_type", ""));
            }
            case QNN -> {
                OnnxEnvironment.addProvider("qnn");
                options.addQnn(settings.rest());
            }
            case CORE_ML -> options.addCoreML(settings.rest());
            case XNNPACK -> options.addXnnpack(settings.rest());
            case WEBGPU -> options.addWebGPU(settings.rest());
            case DIRECT_ML -> options.addDirectML(settings.number("device_id", 0));
            case ACL -> options.addACL(settings.bool("enable_fast_math", false));
            case NNAPI -> options.addNnapi(flags(settings));
            default ->
                throw new ModelLoadException("execution provider " + shortName(provider)
                        + " cannot be chosen through ONNX Runtime's Java interface");
        }
        settings.requireAllUsed();
    }

    private static EnumSet<NNAPIFlags> flags(Settings settings) {
        EnumSet<NNAPIFlags> flags = EnumSet.noneOf(NNAPIFlags.class);
        for (NNAPIFlags flag : NNAPIFlags.values()) {
            if (settings.bool(flag.name().toLowerCase(Locale.ROOT), false)) {
                flags.add(flag);
            }
        }
        return flags;
    }

    /** The options of one provider; each is taken once. */
    private static final class Settings {
        private final String provider;
        private final Map<String, String> left;

        Settings(String provider, Map<String, String> all) {
            this.provider = provider;
            this.left = new LinkedHashMap<>(all);
        }

        String text(String key, String otherwise) {
            String value = left.remove(key);
            return value == null ? otherwise : value;
        }

        int number(String key, int otherwise) {
            String value = text(key, Integer.toString(otherwise));
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw wrong(key, value, "a whole number");
            }
        }

        boolean bool(String key, boolean otherwise) {
            String value = text(key, Boolean.toString(otherwise)).toLowerCase(Locale.ROOT);
            return switch (value) {
                case "true", "1" -> true;
                case "false", "0" -> false;
                default -> throw wrong(key, value, "true or false");
            };
        }

        /** All that were not taken yet. */
        Map<String, String> rest() {
            Map<String, String> rest = new LinkedHashMap<>(left);
            left.clear();
            return rest;
        }

        void requireAllUsed() {
            if (!left.isEmpty()) {
                throw new ModelLoadException("execution provider " + provider + " takes no options " + left.keySet()
                        + " through ONNX Runtime's Java interface");
            }
        }

        private ModelLoadException wrong(String key, String value, String expected) {
            return new ModelLoadException("option '" + key + "' of execution provider " + provider + " is '" + value
                    + "', expected " + expected);
        }
    }
}
