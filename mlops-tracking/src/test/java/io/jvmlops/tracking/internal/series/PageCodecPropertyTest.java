package io.jvmlops.tracking.internal.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.StepBlocks;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PageCodecPropertyTest {
    @Property(tries = 300)
    void nodesComeBack(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int n, @ForAll @IntRange(max = 64) int level) {
        NodeTable table = table(seed, n, level);
        long page = PageCodec.page(table.nodes().firstKey());
        SortedMap<Long, Node> nodes = onPage(table, page);
        assertThat(PageCodec.decode(level, page, PageCodec.encode(level, page, nodes))
                        .nodes())
                .isEqualTo(nodes);
    }

    @Property(tries = 500)
    void aChangedByteIsFoundOut(@ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int n) {
        NodeTable table = table(seed, n, 3);
        long page = PageCodec.page(table.nodes().firstKey());
        byte[] bytes = PageCodec.encode(3, page, onPage(table, page));
        Random random = new Random(seed);
        assertDamaged(3, page, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        assertDamaged(3, page + 1, bytes);
        assertDamaged(4, page, bytes);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
        assertDamaged(3, page, bytes);
    }

    @Property(tries = 3_000)
    void forgedBytesAreReadAsSomeNodesOfThePageOrRefused(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 300) int n,
            @ForAll @IntRange(min = 1, max = 5) int changes) {
        NodeTable table = table(seed, n, 6);
        long page = PageCodec.page(table.nodes().firstKey());
        byte[] bytes = PageCodec.encode(6, page, onPage(table, page));
        Random random = new Random(seed);
        byte[] body = Arrays.copyOf(bytes, bytes.length - 4);
        for (int i = 0; i < changes; i++) {
            body[1 + random.nextInt(body.length - 1)] = (byte) random.nextInt(256);
        }
        try {
            NodeTable read = PageCodec.decode(6, page, ChunkCodecPropertyTest.resealed(body));
            assertThat(read.size()).isBetween(1, PageCodec.BLOCKS);
            assertThat(read.nodes().keySet()).allMatch(block -> PageCodec.page(block) == page);
        } catch (StorageException e) {
            assertThat(e).hasMessageContaining("page of a series");
        }
    }

    @Example
    void nodesOfAnotherPageAreRefused() {
        NodeTable table = new NodeTable(0);
        table.add(SeriesSamples.points(new Random(1), 100, 0, 0, 0));
        long page = PageCodec.page(table.nodes().firstKey());
        assertThatThrownBy(() -> PageCodec.encode(0, page, table.nodes())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PageCodec.encode(0, page, new TreeMap<>()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Example
    void tablesFoldIntoCoarserOnesOnly() {
        NodeTable fine = table(4, 300, 2);
        NodeTable coarse = new NodeTable(StepBlocks.MAX_LEVEL);
        coarse.merge(fine);
        assertThat(coarse.nodes().values())
                .singleElement()
                .extracting(Node::count)
                .isEqualTo(300L);
        assertThatThrownBy(() -> fine.merge(coarse))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("level 64 into level 2");
    }

    private static NodeTable table(long seed, int n, int level) {
        PointColumns points = SeriesSamples.points(seed, n);
        points.sort();
        NodeTable table = new NodeTable(level);
        table.add(points);
        return table;
    }

    private static SortedMap<Long, Node> onPage(NodeTable table, long page) {
        return table.nodes().headMap(PageCodec.firstBlock(page) + PageCodec.BLOCKS, false);
    }

    private static void assertDamaged(int level, long page, byte[] bytes) {
        assertThatThrownBy(() -> PageCodec.decode(level, page, bytes))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("page of a series");
    }
}
