package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.search.Fields;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.search.Search;
import io.jvmlops.api.search.SortKey;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.ExperimentQuery;
import java.sql.SQLException;
import java.util.List;

/** Searches experiments, of which there are few. */
final class ExperimentSearch {
    private ExperimentSearch() {}

    static Page<ExperimentInfo> page(Session session, SqlDialect dialect, ExperimentQuery query) throws SQLException {
        Search search = query.search();
        String cursor = query.cursor();
        SortKey after = cursor == null ? null : search.keyOf(cursor);
        Layout layout = Layout.ofExperiments(dialect);
        OrderSql orders = new OrderSql(layout, search.orders(), Fields.EXPERIMENT_ID, after);
        Fragment condition =
                new Fragment().add(orders.joins()).add(" WHERE ").add(new FilterSql(layout).condition(search.filter()));
        switch (query.view()) {
            case ACTIVE -> condition.add(" AND e.deleted_at IS NULL");
            case DELETED -> condition.add(" AND e.deleted_at IS NOT NULL");
            case ALL -> condition.add("");
        }
        if (after != null) {
            condition.add(" AND ").add(orders.after());
        }
        condition.add(" ORDER BY " + orders.terms() + " LIMIT ?", query.limit() + 1L);
        List<ExperimentInfo> found = ExperimentRows.select(session, condition.text(), condition.arguments());
        return page(search, found, query.limit());
    }

    private static Page<ExperimentInfo> page(Search search, List<ExperimentInfo> found, int limit) {
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        List<ExperimentInfo> page = found.subList(0, limit);
        return new Page<>(page, search.tokenAfter(search.key(page.get(limit - 1).lookup())));
    }
}
