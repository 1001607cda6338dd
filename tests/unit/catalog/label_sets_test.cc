#include <gtest/gtest.h>
#include <random>
#include <set>
#include <vector>

#include "engine/catalog/tokens.h"

namespace deed::catalog {
namespace {

std::vector<LabelId> label_list(std::initializer_list<uint32_t> raws) {
    std::vector<LabelId> labels;
    for (const uint32_t raw : raws) labels.emplace_back(raw);
    return labels;
}

TEST(LabelSetTable, NumberZeroIsTheEmptySet) {
    LabelSetTable table;
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.intern({}), LabelSetId{0});
    EXPECT_TRUE(table.labels(LabelSetId{0}).empty());
    EXPECT_FALSE(table.contains(LabelSetId{0}, LabelId{0}));
}

TEST(LabelSetTable, EqualSetsHaveOneNumber) {
    LabelSetTable table;
    const LabelSetId a = table.intern(label_list({1, 5}));
    const LabelSetId b = table.intern(label_list({1}));
    EXPECT_NE(a, b);
    EXPECT_EQ(table.intern(label_list({1, 5})), a);
    EXPECT_EQ(table.size(), 3U);
    const auto labels = table.labels(a);
    EXPECT_EQ(std::vector<LabelId>(labels.begin(), labels.end()), label_list({1, 5}));
}

TEST(LabelSetTable, ContainsAgreesWithASetOnBothSidesOfTheMask) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    LabelSetTable table;
    for (int round = 0; round < 200; ++round) {
        std::set<LabelId> model;
        for (uint32_t i = random() % 8; i > 0; --i)
            model.insert(LabelId(static_cast<uint32_t>(random() % 130)));
        const LabelSetId set = table.intern(std::vector<LabelId>(model.begin(), model.end()));
        for (uint32_t label = 0; label < 130; ++label) {
            ASSERT_EQ(table.contains(set, LabelId{label}), model.contains(LabelId{label})) << label;
        }
    }
}

}  // namespace
}  // namespace deed::catalog
