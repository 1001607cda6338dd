#include "engine/graph/shape.h"

#include <array>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace deed::graph {
namespace {

ShapeField field(uint32_t key, StorageKind kind) {
    return {PropertyKeyId{key}, kind};
}

TEST(ShapeTable, EqualFieldsHaveOneShape) {
    ShapeTable table;
    const std::vector fields{field(1, StorageKind::kInt32), field(7, StorageKind::kString)};
    const ShapeId shape = table.intern(fields);
    EXPECT_EQ(table.intern(fields), shape);
    const std::vector other{field(1, StorageKind::kInt64), field(7, StorageKind::kString)};
    EXPECT_NE(table.intern(other), shape) << "the kind of storage is part of the shape";
    EXPECT_EQ(table.intern({}), ShapeTable::kEmpty);
}

TEST(ShapeTable, SlotsAreFoundByKey) {
    ShapeTable table;
    const ShapeId shape =
        table.intern(std::vector{field(2, StorageKind::kBool), field(4, StorageKind::kFloat64),
                                 field(9, StorageKind::kInt32)});
    EXPECT_EQ(table.find_slot(shape, PropertyKeyId{4}).kind, StorageKind::kFloat64);
    EXPECT_EQ(table.find_slot(shape, PropertyKeyId{4}).offset, 0U);
    EXPECT_EQ(table.find_slot(shape, PropertyKeyId{9}).offset, 8U);
    EXPECT_EQ(table.find_slot(shape, PropertyKeyId{2}).offset, 12U);
    EXPECT_EQ(table.shape(shape).fixed_bytes(), 13U);
    EXPECT_FALSE(table.find_slot(shape, PropertyKeyId{3}).present());
    EXPECT_EQ(table.find_slot(shape, PropertyKeyId{3}).kind, StorageKind::kAbsent);
    EXPECT_FALSE(table.find_slot(ShapeTable::kDeleted, PropertyKeyId{2}).present());
    EXPECT_EQ(table.find_slot(ShapeTable::kGeneric, PropertyKeyId{2}).kind, StorageKind::kGeneric);
}

TEST(ShapeTable, FallsBackToTheGenericShapeAtEveryBound) {
    ShapeTable few({.shapes_max = 5});  // three are reserved
    EXPECT_NE(few.intern(std::vector{field(1, StorageKind::kBool)}), ShapeTable::kGeneric);
    EXPECT_NE(few.intern(std::vector{field(2, StorageKind::kBool)}), ShapeTable::kGeneric);
    EXPECT_EQ(few.intern(std::vector{field(3, StorageKind::kBool)}), ShapeTable::kGeneric);
    EXPECT_NE(few.intern(std::vector{field(1, StorageKind::kBool)}), ShapeTable::kGeneric)
        << "known shapes stay";
    EXPECT_EQ(few.size(), 5U);

    const std::vector wide{field(1, StorageKind::kBool), field(2, StorageKind::kBool),
                           field(3, StorageKind::kBool)};
    ShapeTable narrow({.fields_per_shape_max = 2});
    EXPECT_EQ(narrow.intern(wide), ShapeTable::kGeneric);
    ShapeTable small({.fields_total_max = 4});
    EXPECT_NE(small.intern(wide), ShapeTable::kGeneric);
    EXPECT_EQ(small.intern(std::span(wide).first(2)), ShapeTable::kGeneric);
    EXPECT_NE(small.intern(std::span(wide).first(1)), ShapeTable::kGeneric);
}

TEST(ShapeTableStress, ThreadsAgreeAndReadersFollow) {
    ShapeTable table({.shapes_max = 2'000});
    std::vector<std::thread> threads;
    std::array<std::vector<ShapeId>, 3> given;
    for (std::vector<ShapeId>& mine : given) {
        threads.emplace_back([&table, &mine] {
            for (uint32_t key = 0; key < 3'000; ++key) {
                const std::vector fields{field(key, StorageKind::kInt32),
                                         field(key + 1, StorageKind::kString)};
                mine.push_back(table.intern(fields));
                const Slot slot = table.find_slot(mine.back(), PropertyKeyId{key + 1});
                ASSERT_EQ(slot.kind, mine.back() == ShapeTable::kGeneric ? StorageKind::kGeneric
                                                                         : StorageKind::kString);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    // Which shapes made it into the table is the same for all; the rest is generic.
    EXPECT_EQ(given[0], given[1]);
    EXPECT_EQ(given[0], given[2]);
    EXPECT_EQ(table.size(), 2'000U);
}

}  // namespace
}  // namespace deed::graph
