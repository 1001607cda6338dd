#include "engine/catalog/tokens.h"

#include <functional>
#include <string>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/limits.h"
#include "engine/catalog/interner.h"
#include "engine/catalog/name.h"

namespace deed::catalog {

namespace {

struct NameTraits {
    using Key = std::string;
    using View = std::string_view;
    static uint64_t hash(View name) {
        // The table masks the low bits; the multiplication spreads the standard hash over all.
        return std::hash<std::string_view>{}(name)*0x9E3779B97F4A7C15ULL;
    }
    static bool equal(const std::string& name, View other) { return name == other; }
};

Error table_full(TokenKind kind, uint32_t count_max, std::string_view name) {
    const TokenWords words = token_words(kind);
    return {ErrorCode::kLimitExceeded, std::string(words.limit_reason),
            "the database has " + std::to_string(count_max) + " " + std::string(words.plural) +
                ", which is the most it can have; use one that exists instead of the new '" +
                shown_name(name) + "'",
            std::string(words.field)};
}

Error contradiction(TokenKind kind, uint32_t id, std::string_view name, const std::string& found) {
    const TokenWords words = token_words(kind);
    return {ErrorCode::kCorruption, "CORRUPT_TOKEN",
            "the stored " + std::string(words.singular) + " number " + std::to_string(id) +
                " is '" + shown_name(name) + "', but " + found +
                "; restore the database from a backup"};
}

}  // namespace

struct TokenTable::Impl {
    Impl(TokenKind kind_of_name, uint32_t count_max) : kind(kind_of_name), names(count_max) {}

    const TokenKind kind;
    Interner<NameTraits> names;
};

TokenTable::TokenTable(TokenKind kind, uint32_t count_max)
    : impl_(std::make_unique<Impl>(kind, count_max)) {}
TokenTable::~TokenTable() = default;

Result<uint32_t> TokenTable::intern(std::string_view name) {
    if (const auto* known = impl_->names.find(name)) return known->id;
    DEED_RETURN_IF_ERROR(check_name(impl_->kind, name));
    const auto* entry =
        impl_->names.intern(name, [](std::string_view view) { return std::string(view); });
    if (entry == nullptr) return table_full(impl_->kind, impl_->names.count_max(), name);
    return entry->id;
}

std::optional<uint32_t> TokenTable::find(std::string_view name) const {
    const auto* entry = impl_->names.find(name);
    if (entry == nullptr) return std::nullopt;
    return entry->id;
}

std::string_view TokenTable::name(uint32_t id) const {
    return impl_->names.at(id);
}

uint32_t TokenTable::size() const {
    return impl_->names.size();
}

Status TokenTable::restore(uint32_t id, std::string_view name) {
    if (id < size()) {
        if (this->name(id) == name) return {};
        return contradiction(impl_->kind, id, name,
                             "'" + shown_name(this->name(id)) + "' has that number already");
    }
    if (id > size()) {
        return contradiction(impl_->kind, id, name,
                             "number " + std::to_string(size()) + " was not stored before it");
    }
    if (const auto known = find(name)) {
        return contradiction(impl_->kind, id, name,
                             "that name has number " + std::to_string(*known) + " already");
    }
    Result<uint32_t> given = intern(name);
    if (!given.ok()) return std::move(given).error();
    if (*given != id) {
        return contradiction(impl_->kind, id, name,
                             "it was given number " + std::to_string(*given) + " meanwhile");
    }
    return {};
}

std::vector<Token> TokenTable::since(uint32_t from) const {
    std::vector<Token> tokens;
    const uint32_t end = size();
    for (uint32_t id = from; id < end; ++id) {
        tokens.push_back({impl_->kind, id, std::string(name(id))});
    }
    return tokens;
}

Catalog::Catalog()
    : labels(TokenKind::kLabel, limits::kLabelsMax),
      types(TokenKind::kType, limits::kTypesMax),
      property_keys(TokenKind::kPropertyKey, limits::kPropertyKeysMax) {}

}  // namespace deed::catalog
