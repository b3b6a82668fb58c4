package io.jvmlops.monitoring.statistic;

import java.util.SplittableRandom;

/**
 * The law of the chi-square statistic of a table of two rows if rows are divided at random: given how many rows of both
 * sides together each cell has, the current side is a draw without replacement.
 */
final class HomogeneityLaw {
    /** How a p-value was found. */
    enum Method {
        /** Two cells: every outcome, those as extreme as the one seen counted half (Lancaster's mid-p). */
        EXACT("exact, mid-p"),
        /** Pearson's: every expected count is large. */
        CHI_SQUARE("chi-square"),
        /** A gamma law with the exact mean and variance of the statistic. */
        GAMMA("gamma with the permutation moments, as some levels expect few rows"),
        /** The same where the number of cells is an estimate, with its variance added. */
        EXTRAPOLATED("gamma with the permutation moments, extrapolated to levels that are not kept"),
        /** Random divisions, until enough are as extreme (Besag and Clifford 1991). */
        PERMUTATION("permutations, as some levels expect few rows");

        private final String words;

        Method(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** A p-value and how it was found. */
    record Result(double statistic, double p, Method method) {}

    /** Expected rows in every cell from which on Pearson's law is good. */
    private static final double LARGE = 10;

    /** Variance of a count from which on its law is a normal one. */
    private static final double NORMAL = 2500;

    private static final int EXCEEDANCES = 50;
    private static final int LEAST_DRAWS = 2000;
    private static final int MOST_DRAWS = 20_000;

    /** Rows drawn in all, where the draws are not the least or the most: some milliseconds. */
    private static final int WORK = 2_000_000;

    private static final double MOST_DRAWN = 1000;
    private static final double MOST_ROWS = 1_000_000;

    /** What permutations cannot tell from nothing. */
    private static final double RARE = 1e-7;

    private HomogeneityLaw() {}

    /** How the p-value of a table is found, small ones apart. */
    static Method method(LevelTable table) {
        double n = table.n();
        double m = table.m();
        double least = Double.MAX_VALUE;
        for (int i = 0; i < table.size(); i++) {
            least = Math.min(least, table.both(i));
        }
        double cells = table.cells();
        double total = n + m;
        if (cells < 2) {
            return Method.EXACT;
        }
        if (cells == 2) {
            return n / total * m / total * least * (1 - least / total) > NORMAL ? Method.CHI_SQUARE : Method.EXACT;
        }
        if (!table.isExtrapolated() && least * Math.min(n, m) / total >= LARGE) {
            return Method.CHI_SQUARE;
        }
        if (table.isExtrapolated()) {
            return Method.EXTRAPOLATED;
        }
        return Math.min(n, m) <= MOST_DRAWN && total <= MOST_ROWS ? Method.PERMUTATION : Method.GAMMA;
    }

    /** Of a table with rows on both sides. */
    static Result of(LevelTable table) {
        double n = table.n();
        double m = table.m();
        double total = n + m;
        double statistic = 0;
        double inverse = 0;
        double cells = 0;
        for (int i = 0; i < table.size(); i++) {
            double both = table.both(i);
            double expected = both * (m / total);
            double deviation = table.current(i) - expected;
            statistic += table.times(i) * (deviation * deviation / expected);
            inverse += table.times(i) / both;
            cells += table.times(i);
        }
        statistic *= total / n;
        Method method = method(table);
        // Equal shares leave a remainder of rounding, which is no change.
        if (cells < 2 || statistic < 1e-12) {
            return new Result(0, 1, method);
        }
        double p = switch (method) {
            case EXACT -> two(table);
            case CHI_SQUARE -> Laws.chiSquareUpper(statistic, cells - 1);
            case GAMMA -> gamma(statistic, cells, inverse, n, m, 0);
            // The mean is about the number of cells.
            case EXTRAPOLATED -> gamma(statistic, cells, inverse, n, m, table.varianceOfSum(rows -> 1));
            case PERMUTATION -> {
                double gamma = gamma(statistic, cells, inverse, n, m, 0);
                yield gamma > RARE ? permuted(table, statistic, gamma) : gamma;
            }
        };
        return new Result(statistic, Math.min(1, p), method);
    }

    /** P(the deviation is greater) and half of P(it is as great). */
    private static double two(LevelTable table) {
        double total = table.n() + table.m();
        double marked = table.both(0);
        double drawn = table.m();
        double mean = marked * drawn / total;
        double deviation = Math.abs(table.current(0) - mean);
        double slack = 1e-9 * (deviation + 1);
        return tail(marked, total, drawn, mean + deviation, slack)
                + tail(total - marked, total, drawn, drawn - mean + deviation, slack);
    }

    /** P(X > x), with half of P(X = x). */
    private static double tail(double marked, double total, double drawn, double x, double slack) {
        double k = Math.ceil(x - slack);
        double term = Laws.hypergeometric(k, marked, total, drawn);
        double sum = Math.abs(k - x) <= slack ? term / 2 : term;
        double most = Math.min(marked, drawn);
        while (k < most && term > sum * 1e-17) {
            term *= Laws.hypergeometricRatio(k, marked, total, drawn);
            k++;
            sum += term;
        }
        return sum;
    }

    /**
     * With the mean and variance of Haldane (1940) and Dawson (1954).
     *
     * @param uncertainty of the mean: added to the variance
     */
    static double gamma(double statistic, double cells, double inverse, double n, double m, double uncertainty) {
        double total = n + m;
        double mean = total * (cells - 1) / (total - 1);
        double variance = variance(cells, inverse, n, m) + uncertainty;
        if (!(variance > 1e-9 * mean)) {
            return statistic > mean * (1 + 1e-9) ? 0 : 1;
        }
        double scale = variance / mean;
        return Laws.gammaUpper(mean / scale, statistic / scale);
    }

    static double variance(double cells, double inverse, double n, double m) {
        double total = n + m;
        double v1 = (total - 2) / (total - 1);
        double w1 = (total * (1 / n + 1 / m) - 4) / (total - 2);
        double v2 = (cells - 1) * (total - cells) / (total - 1);
        double w2 = (total * inverse - cells * cells) / (total - 2);
        return 2 * total / (total - 3) * (v1 - w1) * (v2 - w2) + total * total / (total - 1) * w1 * w2;
    }

    /** The share of random divisions that are as extreme; the seed depends on the counts alone. */
    private static double permuted(LevelTable table, double statistic, double gamma) {
        double n = table.n();
        double m = table.m();
        int total = (int) (n + m);
        int drawn = (int) Math.min(n, m);
        int cells = (int) table.cells();
        double[] inverse = new double[cells];
        int[] cellOf = new int[total];
        long seed = total * 31L + drawn;
        int cell = 0;
        int row = 0;
        for (int i = 0; i < table.size(); i++) {
            for (int j = 0; j < table.times(i); j++) {
                int both = (int) table.both(i);
                inverse[cell] = 1.0 / both;
                for (int end = row + both; row < end && row < total; row++) {
                    cellOf[row] = cell;
                }
                cell++;
                seed = seed * 0x9e3779b97f4a7c15L + both;
            }
        }
        SplittableRandom random = new SplittableRandom(seed);
        // The statistic is total^2 / (n m) (sum of count^2 / both - drawn^2 / total) for either side's counts.
        double least = statistic * (n / total) * (m / total) + (double) drawn / total * drawn;
        least -= 1e-9 * least;
        int[] counts = new int[cells];
        int draws = Math.max(LEAST_DRAWS, Math.min(MOST_DRAWS, WORK / drawn));
        int extreme = 0;
        for (int draw = 1; draw <= draws; draw++) {
            double sum = 0;
            for (int i = 0; i < drawn; i++) {
                int j = i + random.nextInt(total - i);
                int picked = cellOf[j];
                cellOf[j] = cellOf[i];
                cellOf[i] = picked;
                sum += (2 * counts[picked]++ + 1) * inverse[picked];
            }
            for (int i = 0; i < drawn; i++) {
                counts[cellOf[i]] = 0;
            }
            if (sum >= least && ++extreme == EXCEEDANCES) {
                return (double) EXCEEDANCES / draw;
            }
        }
        double p = (extreme + 1.0) / (draws + 1);
        // Of so few draws the law's tail tells more.
        return extreme < 5 ? Math.min(p, gamma) : p;
    }
}
