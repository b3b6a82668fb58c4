package io.jvmlops.serving.tribuo;

import com.google.protobuf.InvalidProtocolBufferException;
import org.tribuo.Model;
import org.tribuo.clustering.kmeans.KMeansModel;
import org.tribuo.clustering.kmeans.protos.KMeansModelProto;
import org.tribuo.math.distance.Distance;
import org.tribuo.math.la.DenseVector;
import org.tribuo.protos.ProtoUtil;
import org.tribuo.protos.core.ModelProto;

/**
 * The nearest of some centres and how far it is, which Tribuo's {@code KMeansModel.predict} computes, but does not tell.
 * The same distances in the same order, so the same cluster.
 */
final class KMeansScorer implements Scorer {
    static final String MODEL = "org.tribuo.clustering.kmeans.KMeansModel";

    private final DenseVector[] centres;
    private final Distance distance;

    private KMeansScorer(DenseVector[] centres, Distance distance) {
        this.centres = centres;
        this.distance = distance;
    }

    static KMeansScorer of(Model<?> model, ModelProto proto) {
        try {
            Distance distance = ProtoUtil.deserialize(
                    proto.getSerializedData().unpack(KMeansModelProto.class).getDistance());
            return new KMeansScorer(((KMeansModel) model).getCentroidVectors(), distance);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("parsed before", e);
        }
    }

    @Override
    public void score(double[] row, double[] scores) {
        DenseVector vector = DenseVector.createDenseVector(row);
        double nearest = Double.POSITIVE_INFINITY;
        int cluster = -1;
        for (int i = 0; i < centres.length; i++) {
            double away = distance.computeDistance(centres[i], vector);
            if (away < nearest) {
                nearest = away;
                cluster = i;
            }
        }
        scores[0] = cluster;
        scores[1] = nearest;
    }
}
