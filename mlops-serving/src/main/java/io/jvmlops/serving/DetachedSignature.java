package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Signatures of models that lie beside them, by a key that whoever stores models does not have: a digest says that a model is
 * the one that was registered, a signature who let it out.
 *
 * <pre>{@code
 * run.logModel("iris", DetachedSignature.signing(exporter, privateKey));           // or .sign(folder, privateKey)
 * Serving.builder(registry).verifier(DetachedSignature.by(publicKey))              // folders, by their MLmodel.sig
 * ModelSource.file(path).verifiedBy(DetachedSignature.by(publicKey).beside(path))  // files, by their <name>.sig
 * }</pre>
 *
 * <p>Signed is a text: {@code jvmlops model folder, signature 1\n} and the canonical text of the folder's {@link Manifest},
 * without its {@value ModelFolder#SIGNATURE_FILE}; or {@code jvmlops model file, signature 1\n} and the file's digest, a
 * space, its size and a line feed. Neither passes for the other. A file's name is not signed.
 *
 * <p>Keys are Ed25519 or Ed448 (pure), RSA from 2048 bits on (SHA-256, PKCS #1 1.5), or of an elliptic curve (ECDSA with the
 * SHA-2 of the curve's size), by whatever security provider has them. A signature is kept as three lines of text: {@code
 * jvmlops-signature 1}, {@code signs sha256:<hex>} (the digest of what is signed, so that what was altered can be told from
 * what another key signed) and {@code value <base64>}.
 */
public final class DetachedSignature implements ModelVerifier {
    /** What the file of a signature is called after: {@code model.onnx.sig}. */
    public static final String ENDING = ".sig";

    private static final int MAX_BYTES = 16 * 1024;
    private static final int MIN_RSA_BITS = 2048;
    private static final Pattern FORM =
            Pattern.compile("jvmlops-signature 1\nsigns (sha256:[0-9a-f]{64})\nvalue ([A-Za-z0-9+/]+={0,2})\n");

    private final List<PublicKey> keys;
    private final Where where;

    /** Where the signature is to be found. */
    @FunctionalInterface
    private interface Where {
        /** @throws IntegrityException if there is none */
        byte[] find(ModelFiles files);
    }

    private DetachedSignature(List<PublicKey> keys, Where where) {
        this.keys = keys;
        this.where = where;
    }

    /**
     * Lets folders pass that one of these keys has signed: while keys change, the old and the new one.
     *
     * @throws IllegalArgumentException if there is no key, or one of a kind or size that is not taken
     */
    public static DetachedSignature by(PublicKey... keys) {
        List<PublicKey> copy = List.of(keys);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("no keys: nothing would ever be loaded");
        }
        copy.forEach(DetachedSignature::algorithm);
        return new DetachedSignature(copy, DetachedSignature::inFolder);
    }

    /** As this, for a single file, or bytes, whose signature is this text. */
    public DetachedSignature given(byte[] signature) {
        byte[] copy = signature.clone();
        return new DetachedSignature(keys, files -> single(files, copy));
    }

    /** As this, for a single file, or bytes, whose signature lies in a file beside this one, with {@value #ENDING} after its name. */
    public DetachedSignature beside(Path file) {
        Path signature = file.resolveSibling(file.getFileName() + ENDING);
        return new DetachedSignature(keys, files -> {
            try (InputStream in = Files.newInputStream(signature)) {
                return single(files, in.readNBytes(MAX_BYTES + 1));
            } catch (NoSuchFileException e) {
                throw unsigned(files, "there is no " + signature);
            } catch (IOException e) {
                throw new StorageException("signature " + signature + " cannot be read", e);
            }
        });
    }

    @Override
    public void verify(ModelFiles files) {
        byte[] file = where.find(files);
        // Nothing of another form is looked into, whatever its size.
        Matcher form = FORM.matcher(file.length > MAX_BYTES ? "" : new String(file, StandardCharsets.ISO_8859_1));
        if (!form.matches()) {
            throw new IntegrityException("the signature of model " + files.name()
                    + " is none of ours: expected the three lines of 'jvmlops-signature 1'. It was not loaded");
        }
        byte[] text = text(files);
        byte[] value = decode(form.group(2), files);
        for (PublicKey key : keys) {
            if (isBy(key, text, value)) {
                return;
            }
        }
        Digest found = Digest.of(text);
        if (!found.toString().equals(form.group(1))) {
            throw new IntegrityException(
                    "model " + files.name() + " was altered since it was signed: its signature is of " + form.group(1)
                            + ", found " + found + ". It was not loaded; restore it, or sign it again");
        }
        throw new IntegrityException(
                "model " + files.name() + " was signed by a key that is none of the " + keys.size()
                        + " expected, or its signature is damaged. It was not loaded; sign it with one of them, or add its key");
    }

    private static byte[] decode(String base64, ModelFiles files) {
        try {
            byte[] value = Base64.getDecoder().decode(base64);
            if (Base64.getEncoder().encodeToString(value).equals(base64)) {
                return value;
            }
        } catch (IllegalArgumentException e) {
            throw damaged(files, e);
        }
        // The decoder overlooks bits that stand for nothing; there is one way to write a signature.
        throw damaged(files, null);
    }

    private static IntegrityException damaged(ModelFiles files, @Nullable Throwable cause) {
        return new IntegrityException(
                "the signature of model " + files.name() + " is damaged: its value is no Base64. It was not loaded",
                cause);
    }

    private static boolean isBy(PublicKey key, byte[] text, byte[] value) {
        try {
            Signature verifier = Signature.getInstance(algorithm(key));
            verifier.initVerify(key);
            verifier.update(text);
            return verifier.verify(value);
        } catch (GeneralSecurityException e) {
            // A value that is none of this key's algorithm: of another key, or damaged.
            return false;
        }
    }

    private static byte[] inFolder(ModelFiles files) {
        FileEntry entry = files.manifest()
                .find(ModelFolder.SIGNATURE_FILE)
                .orElseThrow(() -> unsigned(files, "its folder has no " + ModelFolder.SIGNATURE_FILE));
        // Before it is read into memory: it may be anything.
        return entry.size() > MAX_BYTES ? new byte[MAX_BYTES + 1] : files.read(ModelFolder.SIGNATURE_FILE);
    }

    private static byte[] single(ModelFiles files, byte[] signature) {
        if (!isSingle(files)) {
            throw new IntegrityException("model " + files.name()
                    + " is a folder, but the signature expected is that of a single file. It was not loaded");
        }
        return signature;
    }

    private static boolean isSingle(ModelFiles files) {
        return files.manifest().files().size() == 1 && !files.contains(ModelDescriptor.FILE);
    }

    private static IntegrityException unsigned(ModelFiles files, String why) {
        return new IntegrityException("model " + files.name() + " is not signed: " + why
                + ". It was not loaded; sign it with DetachedSignature.sign");
    }

    /** What is signed of a model: for a key that only another device has, which then gives {@link #toFile} its signature. */
    public static byte[] text(ModelFiles files) {
        List<FileEntry> entries = files.manifest().files();
        if (isSingle(files)) {
            return text(entries.get(0).digest(), entries.get(0).size());
        }
        byte[] manifest = new Manifest(entries.stream()
                        .filter(entry -> !entry.path().equals(ModelFolder.SIGNATURE_FILE))
                        .toList())
                .toBytes();
        byte[] domain = "jvmlops model folder, signature 1\n".getBytes(StandardCharsets.US_ASCII);
        byte[] text = new byte[domain.length + manifest.length];
        System.arraycopy(domain, 0, text, 0, domain.length);
        System.arraycopy(manifest, 0, text, domain.length, manifest.length);
        return text;
    }

    private static byte[] text(Digest digest, long size) {
        return ("jvmlops model file, signature 1\n" + digest.hex() + " " + size + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** What the file of a signature holds: {@value ModelFolder#SIGNATURE_FILE} in a folder, {@code model.onnx.sig} beside a file. */
    public static byte[] toFile(byte[] text, byte[] signature) {
        return ("jvmlops-signature 1\nsigns " + Digest.of(text) + "\nvalue "
                        + Base64.getEncoder().encodeToString(signature) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Signs a model's folder, by its {@value ModelFolder#SIGNATURE_FILE}, or a single file, by one beside it with {@value
     * #ENDING} after its name. One that was there is replaced.
     *
     * @throws ModelLoadException if it is not there, or a folder that {@link ModelFolder#files} refuses
     * @throws StorageException if it cannot be read or written
     * @throws IllegalArgumentException if the key is of a kind or size that is not taken, or refused by its provider
     */
    public static void sign(Path model, PrivateKey key) {
        boolean folder = Files.isDirectory(model);
        byte[] text = folder
                ? text(ModelFolder.files(model))
                : text(ModelSource.file(model).trusted().open().files());
        Path target =
                folder ? model.resolve(ModelFolder.SIGNATURE_FILE) : model.resolveSibling(model.getFileName() + ENDING);
        Path draft = target.resolveSibling("." + target.getFileName() + ".draft");
        byte[] file = toFile(text, value(text, key));
        try {
            Files.write(draft, file);
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StorageException("signature " + target + " cannot be written", e);
        }
    }

    /** Signs bytes, for {@link #given}. */
    public static byte[] sign(byte[] model, PrivateKey key) {
        byte[] text = text(Digest.of(model), model.length);
        return toFile(text, value(text, key));
    }

    /** An exporter that writes what the given one does, and signs it: the outermost, since what is added later is not signed. */
    public static ModelExporter signing(ModelExporter exporter, PrivateKey key) {
        String unused = algorithm(key);
        return (folder, runId) -> {
            ModelDescriptor descriptor = exporter.export(folder, runId);
            sign(folder, key);
            return descriptor;
        };
    }

    private static byte[] value(byte[] text, PrivateKey key) {
        try {
            Signature signer = Signature.getInstance(algorithm(key));
            signer.initSign(key);
            signer.update(text);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the key cannot sign: " + e.getMessage(), e);
        }
    }

    private static String algorithm(Key key) {
        switch (key.getAlgorithm().toUpperCase(Locale.ROOT)) {
            case "EDDSA", "ED25519", "ED448" -> {
                return "EdDSA";
            }
            case "RSA" -> {
                if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
                    throw new IllegalArgumentException("an RSA key of "
                            + rsa.getModulus().bitLength() + " bits: expected " + MIN_RSA_BITS + " or more");
                }
                return "SHA256withRSA";
            }
            case "EC", "ECDSA" -> {
                int bits = key instanceof ECKey ec ? ec.getParams().getOrder().bitLength() : 256;
                return bits <= 256 ? "SHA256withECDSA" : bits <= 384 ? "SHA384withECDSA" : "SHA512withECDSA";
            }
            default ->
                throw new IllegalArgumentException(
                        "a key for " + key.getAlgorithm() + ": expected one for Ed25519, RSA or an elliptic curve");
        }
    }
}
