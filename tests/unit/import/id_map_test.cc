#include "engine/storage/import/id_map.h"

#include <gtest/gtest.h>
#include <random>
#include <unordered_map>

namespace deed::storage::importer {
namespace {

uint32_t find(const IdSpace& space, const ExternalId& id) {
    uint32_t node = 0;
    space.find_all({&id, 1}, {&node, 1});
    return node;
}

TEST(IdMap, KnowsNothingWhileEmpty) {
    IdSpace space("");
    space.freeze();
    EXPECT_EQ(find(space, ExternalId::of_integer(1)), kNoNode);
    EXPECT_EQ(find(space, ExternalId::of_text("x")), kNoNode);
}

TEST(IdMap, HoldsANumberAndItsExactTextForTheSame) {
    EXPECT_TRUE(ExternalId::of_text("17").is_integer());
    EXPECT_TRUE(ExternalId::of_text("-9223372036854775808").is_integer());
    for (const char* text : {"017", "+17", "-0", "1.0", "", " 1", "9223372036854775808"})
        EXPECT_FALSE(ExternalId::of_text(text).is_integer()) << text;
    IdSpace space("");
    EXPECT_EQ(space.insert(ExternalId::of_text("17"), 0), kNoNode);
    EXPECT_EQ(space.insert(ExternalId::of_text("017"), 1), kNoNode);
    EXPECT_EQ(space.insert(ExternalId::of_integer(17), 2), 0U);
    space.freeze();
    EXPECT_EQ(find(space, ExternalId::of_integer(17)), 0U);
    EXPECT_EQ(find(space, ExternalId::of_text("017")), 1U);
}

void compare_with_map(unsigned seed, int64_t range, bool texts) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", range " + std::to_string(range));
    std::mt19937_64 random(seed);
    std::unordered_map<std::string, uint32_t> model;
    IdSpace space("");
    for (uint32_t i = 0; i < 20'000; ++i) {
        std::string id = std::to_string(
            static_cast<int64_t>(random() % static_cast<uint64_t>(range)) - range / 2);
        if (texts && random() % 2 == 0) id = "id " + id + std::string(random() % 40, 'x');
        const auto [at, fresh] = model.try_emplace(id, i);
        EXPECT_EQ(space.insert(ExternalId::of_text(id), i), fresh ? kNoNode : at->second);
    }
    EXPECT_EQ(space.size(), model.size());
    space.freeze();
    std::vector<std::string> wanted;
    for (const auto& [id, node] : model) wanted.push_back(id);
    for (int i = 0; i < 1000; ++i) wanted.push_back("not there " + std::to_string(i));
    for (int i = 0; i < 1000; ++i) wanted.push_back(std::to_string(range + i));
    std::vector<ExternalId> ids;
    for (const std::string& id : wanted) ids.push_back(ExternalId::of_text(id));
    std::vector<uint32_t> found(ids.size());
    space.find_all(ids, found);
    for (size_t i = 0; i < ids.size(); ++i) {
        const auto at = model.find(wanted[i]);
        EXPECT_EQ(found[i], at == model.end() ? kNoNode : at->second) << wanted[i];
    }
}

TEST(IdMap, AgreesWithAPlainMap) {
    const unsigned seed = std::random_device{}();
    compare_with_map(seed, 30'000, false);             // dense: becomes an array
    compare_with_map(seed, 1'000'000'000'000, false);  // sparse: stays a table
    compare_with_map(seed, 4'000'000'000'000'000'000, true);
}

TEST(IdMap, TakesTheEndsOfTheRangeOfNumbers) {
    IdSpace space("");
    space.insert(ExternalId::of_integer(INT64_MIN), 0);
    space.insert(ExternalId::of_integer(INT64_MAX), 1);
    space.freeze();
    EXPECT_EQ(find(space, ExternalId::of_integer(INT64_MIN)), 0U);
    EXPECT_EQ(find(space, ExternalId::of_integer(INT64_MAX)), 1U);
    EXPECT_EQ(find(space, ExternalId::of_integer(0)), kNoNode);
}

}  // namespace
}  // namespace deed::storage::importer
