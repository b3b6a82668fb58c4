/**
 * Unsupported, may change in any release: how the points of one series (one metric of one run) are kept, apart from any
 * database. Points are columns ({@code PointColumns}), kept in order, sealed into compressed chunks ({@code ChunkCodec}),
 * read back by a merge ({@code SeriesMerge}), and summed up in pages of blocks of steps ({@code Pyramid}).
 */
@NullMarked
package io.jvmlops.tracking.internal.series;

import org.jspecify.annotations.NullMarked;
