#include "engine/graph/record.h"

#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/catalog/change_set.h"
#include "engine/graph/record_builder.h"
#include "engine/graph/shape.h"

namespace deed::graph {
namespace {

using catalog::PropertyList;
using value::Value;

/// Memory of exactly the size asked for, so that AddressSanitizer sees a byte too many.
class Memory {
 public:
    void* allocate(size_t bytes) {
        blocks_.push_back(std::make_unique<std::byte[]>(bytes));
        return blocks_.back().get();
    }

 private:
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

class RecordTest : public testing::Test {
 protected:
    explicit RecordTest(const ShapeTableOptions& options = {}) : shapes_(options) {}

    const NodeRecord& node(const PropertyList& properties, LabelSetId labels = LabelSetId{0}) {
        builder_.prepare(properties);
        return *builder_.write_node(memory_.allocate(builder_.node_bytes()), CommitTs{5}, nullptr,
                                    labels);
    }
    const EdgeRecord& edge(const PropertyList& properties) {
        builder_.prepare(properties);
        return *builder_.write_edge(memory_.allocate(builder_.edge_bytes()), CommitTs{5}, nullptr);
    }

    /// Every way to read a record gives back what was written.
    template <class Record>
    void expect_holds(const Record& record, const PropertyList& properties) {
        PropertyList found;
        record.for_each(shapes_, [&](PropertyKeyId key, Value value) {
            found.emplace_back(key, std::move(value));
        });
        ASSERT_EQ(found.size(), properties.size());
        ASSERT_EQ(record.property_count(shapes_), properties.size());
        for (size_t i = 0; i < found.size(); ++i) {
            const auto& [key, value] = properties[i];
            ASSERT_EQ(found[i].first, key);
            ASSERT_TRUE(identical(found[i].second, value)) << value.to_string();
            ASSERT_TRUE(identical(record.get(key, shapes_), value)) << value.to_string();
            PropertyReader reader(shapes_, key);
            ASSERT_TRUE(identical(reader.read(record), value)) << value.to_string();
        }
        EXPECT_TRUE(record.get(PropertyKeyId{999'999}, shapes_).is_null());
        PropertyReader absent(shapes_, PropertyKeyId{999'999});
        EXPECT_TRUE(absent.read(record).is_null());
    }

    ShapeTable shapes_;
    RecordBuilder builder_{shapes_};
    Memory memory_;
};

PropertyKeyId key(uint32_t raw) {
    return PropertyKeyId{raw};
}

PropertyList one_of_each() {
    PropertyList list;
    uint32_t next = 3;
    const auto add = [&](Value value) { list.emplace_back(key(next += 2), std::move(value)); };
    add(Value::boolean(true));
    add(Value::integer(-7));
    add(Value::integer(int64_t{1} << 40));
    add(Value::floating(2.5));
    add(Value::string("hello"));
    add(Value::string(""));
    add(Value::list({Value::integer(1), Value::string("two")}));
    add(Value::string(std::string(5'000, 'x')));
    add(Value::bytes(std::as_bytes(std::span("raw", 3))));
    add(Value::boolean(false));
    add(Value::integer(std::numeric_limits<int32_t>::min()));
    add(Value::integer(int64_t{std::numeric_limits<int32_t>::max()} + 1));
    return list;
}

Value random_value(std::mt19937_64& random) {
    switch (random() % 7) {
        case 0:
            return Value::boolean(random() % 2 == 0);
        case 1:
            return Value::integer(static_cast<int32_t>(random()));
        case 2:
            return Value::integer(static_cast<int64_t>(random()));
        case 3:
            return Value::floating(static_cast<double>(random()) / 3);
        case 4:
            return Value::string(std::string(random() % 40, 'a'));
        case 5:
            return Value::list({Value::integer(static_cast<int64_t>(random() % 100))});
        default:
            return Value::bytes(std::as_bytes(std::span("12345", random() % 6)));
    }
}

PropertyList random_properties(std::mt19937_64& random) {
    PropertyList list;
    for (uint32_t raw = 0; raw < 12; ++raw) {
        if (random() % 3 == 0) list.emplace_back(key(raw), random_value(random));
    }
    return list;
}

TEST_F(RecordTest, IsAsSmallAsPromised) {
    node({{key(1), Value::integer(42)}, {key(2), Value::integer(-42)}});
    EXPECT_EQ(builder_.node_bytes(), 32U);
    node({{key(1), Value::integer(42)}, {key(2), Value::string("ten bytes.")}});
    EXPECT_EQ(builder_.node_bytes(), 48U);
    EXPECT_EQ(node({}).bytes(shapes_), 24U);
    edge({{key(1), Value::integer(2024)}});
    EXPECT_EQ(builder_.edge_bytes(), 24U);
    edge({{key(1), Value::integer(2024)}, {key(2), Value::floating(0.5)}});
    EXPECT_EQ(builder_.edge_bytes(), 32U);
}

TEST_F(RecordTest, GivesBackEveryKindOfValue) {
    const PropertyList properties = one_of_each();
    const NodeRecord& record = node(properties, LabelSetId{3});
    EXPECT_EQ(record.ts(), CommitTs{5});
    EXPECT_EQ(record.label_set(), LabelSetId{3});
    EXPECT_FALSE(record.deleted());
    expect_holds(record, properties);
    expect_holds(edge(properties), properties);
    expect_holds(node({}), {});
}

TEST_F(RecordTest, KnowsItsSize) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2'000; ++i) {
        const PropertyList properties = random_properties(random);
        const NodeRecord& a_node = node(properties);
        ASSERT_EQ(a_node.bytes(shapes_), builder_.node_bytes());
        expect_holds(a_node, properties);
        const EdgeRecord& an_edge = edge(properties);
        ASSERT_EQ(an_edge.bytes(shapes_), builder_.edge_bytes());
        expect_holds(an_edge, properties);
    }
}

TEST_F(RecordTest, TypedReadsGoThroughOneSlotPerShape) {
    std::vector<const NodeRecord*> records;
    for (int i = 0; i < 100; ++i) {
        records.push_back(&node({{key(1), Value::integer(i)},
                                 {key(2), Value::string("name" + std::to_string(i))},
                                 {key(3), Value::floating(i * 0.5)},
                                 {key(4), Value::string("tail")},
                                 {key(5), Value::boolean(i % 2 == 0)}}));
    }
    const ShapeId shape = records[0]->shape();
    const auto slot = [&](uint32_t raw) { return shapes_.find_slot(shape, key(raw)); };
    for (int i = 0; i < 100; ++i) {
        const NodeRecord& record = *records[static_cast<size_t>(i)];
        ASSERT_EQ(record.shape(), shape);
        EXPECT_EQ(record.read_int(slot(1)), i);
        EXPECT_EQ(record.read_string_view(slot(2)), "name" + std::to_string(i));
        EXPECT_EQ(record.read_float(slot(3)), i * 0.5);
        EXPECT_EQ(record.read_string_view(slot(4)), "tail");
        EXPECT_EQ(record.read_bool(slot(5)), i % 2 == 0);
    }
}

TEST_F(RecordTest, VersionsFormAChainThatTheCollectorCuts) {
    const PropertyList empty;
    builder_.prepare(empty);
    NodeRecord* first =
        builder_.write_node(memory_.allocate(24), CommitTs{1}, nullptr, LabelSetId{1});
    NodeRecord* gone = RecordBuilder::write_deleted_node(memory_.allocate(24), CommitTs{2}, first);
    EXPECT_TRUE(gone->deleted());
    EXPECT_EQ(gone->previous(), first);
    EXPECT_EQ(gone->bytes(shapes_), 24U);
    EXPECT_EQ(gone->property_count(shapes_), 0U);
    EXPECT_TRUE(gone->get(key(1), shapes_).is_null());
    gone->cut_previous();
    EXPECT_EQ(gone->previous(), nullptr);
    EdgeRecord* edge_gone =
        RecordBuilder::write_deleted_edge(memory_.allocate(24), CommitTs{2}, nullptr);
    EXPECT_TRUE(edge_gone->deleted());
    EXPECT_EQ(edge_gone->bytes(shapes_), 24U);
}

class FullShapeTable : public RecordTest {
 protected:
    FullShapeTable() : RecordTest({.shapes_max = 3}) {}
};

TEST_F(FullShapeTable, RecordsBecomeGenericAndStayRight) {
    const PropertyList properties = one_of_each();
    const NodeRecord& record = node(properties);
    EXPECT_EQ(record.shape(), ShapeTable::kGeneric);
    EXPECT_EQ(record.bytes(shapes_), builder_.node_bytes());
    expect_holds(record, properties);
    expect_holds(edge(properties), properties);
    EXPECT_EQ(node({}).shape(), ShapeTable::kEmpty);
}

TEST_F(RecordTest, ManyPropertiesAreGeneric) {
    PropertyList properties;
    for (uint32_t raw = 0; raw < 3'000; ++raw)
        properties.emplace_back(key(raw * 3), Value::integer(raw));
    const NodeRecord& record = node(properties);
    EXPECT_EQ(record.shape(), ShapeTable::kGeneric);
    expect_holds(record, properties);
    EXPECT_TRUE(record.get(key(1), shapes_).is_null()) << "between two keys";
}

TEST_F(RecordTest, AReaderFollowsChangingShapes) {
    const NodeRecord& small = node({{key(1), Value::integer(5)}});
    const NodeRecord& large = node({{key(1), Value::integer(int64_t{1} << 50)}});
    const NodeRecord& text = node({{key(1), Value::string("five")}, {key(2), Value::integer(0)}});
    const NodeRecord& none = node({{key(2), Value::integer(0)}});
    PropertyReader reader(shapes_, key(1));
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(reader.read(small).as_integer(), 5);
        EXPECT_EQ(reader.read(large).as_integer(), int64_t{1} << 50);
        EXPECT_EQ(reader.read(text).as_string(), "five");
        EXPECT_TRUE(reader.read(none).is_null());
    }
}

}  // namespace
}  // namespace deed::graph
