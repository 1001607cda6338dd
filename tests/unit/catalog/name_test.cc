#include "engine/catalog/name.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "engine/base/limits.h"

namespace deed::catalog {
namespace {

using namespace std::string_view_literals;

void expect_refused(std::string_view name, std::string_view reason, std::string_view message) {
    const Status status = check_name(TokenKind::kLabel, name);
    ASSERT_FALSE(status.ok()) << shown_name(name);
    EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(status.error().reason(), reason);
    EXPECT_EQ(status.error().message(), message);
    EXPECT_EQ(status.error().field(), "labels");
}

TEST(CheckName, AcceptsWhatPeopleWrite) {
    for (const std::string_view name : {"a"sv, "Person"sv, "a b\n`\"c"sv,
                                        "Stra\xC3\x9F"
                                        "e"sv,
                                        "\xF0\x9F\x90\x9C"sv}) {
        EXPECT_TRUE(check_name(TokenKind::kPropertyKey, name).ok()) << name;
    }
    EXPECT_TRUE(check_name(TokenKind::kType, std::string(limits::kNameBytesMax, 'x')).ok());
}

TEST(CheckName, SaysWhatIsWrongAndWhatToDo) {
    expect_refused("", "NAME_EMPTY", "a label cannot be the empty string; give it a name");
    expect_refused("a\0b"sv, "NAME_HAS_NUL",
                   "a label cannot have a NUL character inside; take it out of 'a\\x00b'");
    expect_refused(
        "Stra\xDF"
        "e"sv,
        "NAME_NOT_UTF8",
        "a label must be valid UTF-8; 'Stra\\xdfe' is not, perhaps it is in another "
        "encoding");
    expect_refused(std::string(limits::kNameBytesMax + 1, 'x'), "NAME_TOO_LONG",
                   "a label has at most 16383 bytes; '" + std::string(64, 'x') + "...' has 16384");
}

TEST(ShownName, CutsBetweenCharacters) {
    // 63 bytes, then a character of two: the cut at 64 would split it.
    const std::string name = std::string(63, 'x') + "\xC3\x9F tail";
    EXPECT_EQ(shown_name(name), std::string(63, 'x') + "...");
}

}  // namespace
}  // namespace deed::catalog
