/** What a study measured, and on which machine: rows, the Markdown table, the JSON file. */
@NullMarked
package io.jvmlops.benchmarks.report;

import org.jspecify.annotations.NullMarked;
