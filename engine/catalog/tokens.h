#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace deed::catalog {

enum class TokenKind : uint8_t { kLabel = 0, kType = 1, kPropertyKey = 2 };

/// A name that was given a number, as it goes to disk.
struct Token {
    TokenKind kind;
    uint32_t id;
    std::string name;
};

/// Names to dense numbers and back, for one kind of name. Numbers are given for ever.
///
/// Thread safety: all methods from any thread; looking up takes no lock, interning a *new* name
/// does. Lifetime: views of names live as long as the table.
class TokenTable {
 public:
    TokenTable(TokenKind kind, uint32_t count_max);
    ~TokenTable();

    /// The number of `name`, given now if it is new. Errors: INVALID_ARGUMENT (empty, too long, not
    /// UTF-8, NUL inside), LIMIT_EXCEEDED (LIMIT_LABELS, LIMIT_TYPES, LIMIT_PROPERTY_KEYS).
    Result<uint32_t> intern(std::string_view name);
    [[nodiscard]] std::optional<uint32_t> find(std::string_view name) const;
    /// REQUIRES: `id` was given by this table.
    [[nodiscard]] std::string_view name(uint32_t id) const;
    [[nodiscard]] uint32_t size() const;

    /// At recovery: `id` is `name`. Error CORRUPTION where that contradicts what is there.
    Status restore(uint32_t id, std::string_view name);

    /// The names given since number `from`, in order: what a commit must persist.
    [[nodiscard]] std::vector<Token> since(uint32_t from) const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Sorted sets of labels to dense numbers and back; number 0 is the empty set. Not persisted: rows
/// on disk name their labels.
///
/// Thread safety: as TokenTable.
class LabelSetTable {
 public:
    LabelSetTable();
    ~LabelSetTable();
    /// REQUIRES: sorted, each label once.
    LabelSetId intern(std::span<const LabelId> labels);
    [[nodiscard]] std::span<const LabelId> labels(LabelSetId set) const;
    /// Fast for small sets; a bit test where the label is among the first 64.
    [[nodiscard]] bool contains(LabelSetId set, LabelId label) const;
    [[nodiscard]] uint32_t size() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// All names of one database.
struct Catalog {
    Catalog();
    TokenTable labels;
    TokenTable types;
    TokenTable property_keys;
    LabelSetTable label_sets;
};

}  // namespace deed::catalog
