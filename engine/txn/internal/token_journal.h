#pragma once

#include <cstdint>
#include <vector>

#include "engine/catalog/tokens.h"

namespace deed::txn {

/// Which names are on disk already. A commit takes along all names that are not, its own and those
/// of transactions still open, which does no harm.
///
/// Thread safety: none; it belongs to whoever appends to the log.
class TokenJournal {
 public:
    explicit TokenJournal(const catalog::Catalog& catalog)
        : catalog_(catalog),
          labels_(catalog.labels.size()),
          types_(catalog.types.size()),
          keys_(catalog.property_keys.size()) {}

    /// The names to write now. Empty, and cheap, nearly always.
    [[nodiscard]] std::vector<catalog::Token> pending() const {
        std::vector<catalog::Token> tokens;
        if (catalog_.labels.size() == labels_ && catalog_.types.size() == types_ &&
            catalog_.property_keys.size() == keys_) [[likely]]
            return tokens;
        add(tokens, catalog_.labels, labels_);
        add(tokens, catalog_.types, types_);
        add(tokens, catalog_.property_keys, keys_);
        return tokens;
    }
    /// They are in the log.
    void written(const std::vector<catalog::Token>& tokens) {
        for (const catalog::Token& token : tokens) {
            uint32_t& end = token.kind == catalog::TokenKind::kLabel  ? labels_
                            : token.kind == catalog::TokenKind::kType ? types_
                                                                      : keys_;
            end = std::max(end, token.id + 1);
        }
    }

 private:
    static void add(std::vector<catalog::Token>& tokens, const catalog::TokenTable& table,
                    uint32_t from) {
        for (catalog::Token& token : table.since(from)) tokens.push_back(std::move(token));
    }

    const catalog::Catalog& catalog_;
    uint32_t labels_;
    uint32_t types_;
    uint32_t keys_;
};

}  // namespace deed::txn
