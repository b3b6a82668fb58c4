package io.jvmlops.samples.iris;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;

/** Reads {@code {"features":[5.1,3.5,1.4,0.2]}} and nothing else. */
final class FeaturesRequest {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxNumberLength(100)
                    .maxStringLength(10_000)
                    .maxNameLength(1_000)
                    .build())
            .build();

    private FeaturesRequest() {}

    /** The body is no request for a prediction; the message says why. */
    static final class BadRequest extends Exception {
        private static final long serialVersionUID = 1L;

        BadRequest(String message) {
            super(message);
        }
    }

    static double[] parse(byte[] body, int length) throws BadRequest {
        try (JsonParser in = JSON.createParser(body)) {
            JsonToken first = in.nextToken();
            if (first == null) {
                throw new BadRequest("the body is empty, expected {\"features\":[...]}");
            }
            if (first != JsonToken.START_OBJECT) {
                throw new BadRequest("the body is " + name(first) + ", expected an object {\"features\":[...]}");
            }
            double[] features = null;
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String field = in.currentName();
                in.nextToken();
                if (field.equals("features")) {
                    features = features(in, length);
                } else {
                    in.skipChildren();
                }
            }
            if (in.nextToken() != null) {
                throw new BadRequest("the body goes on after its object");
            }
            if (features == null) {
                throw new BadRequest("'features' is missing, expected an array of " + length + " numbers");
            }
            return features;
        } catch (JsonProcessingException e) {
            // Without the parser's remark on where it does not show the source.
            String why = String.valueOf(e.getOriginalMessage()).replaceFirst(" \\(start marker at .*", "");
            throw new BadRequest("the body is not JSON: " + why);
        } catch (IOException e) {
            throw new BadRequest("the body is not JSON in UTF-8");
        }
    }

    private static double[] features(JsonParser in, int length) throws IOException, BadRequest {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw new BadRequest(
                    "'features' is " + name(in.currentToken()) + ", expected an array of " + length + " numbers");
        }
        double[] features = new double[length];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (!in.currentToken().isNumeric()) {
                throw new BadRequest("features[" + count + "] is " + name(in.currentToken()) + ", expected a number");
            }
            double value = in.getDoubleValue();
            if (!Double.isFinite(value)) {
                throw new BadRequest("features[" + count + "] is beyond the range of a double");
            }
            if (count < length) {
                features[count] = value;
            }
            count++;
        }
        if (count != length) {
            throw new BadRequest("'features' has " + count + " numbers, expected " + length + ": "
                    + String.join(", ", IrisData.FEATURES));
        }
        return features;
    }

    private static String name(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> "a number";
            default -> "malformed";
        };
    }
}
