#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/catalog/tokens.h"

/// What a label, type or property key may be called. Pure; any thread.
namespace deed::catalog {

/// How messages speak of a kind of name.
struct TokenWords {
    std::string_view singular;  // "label"
    std::string_view plural;    // "labels"
    std::string_view field;     // the argument in the API's words: "labels", "type", "properties"
    std::string_view limit_reason;  // "LIMIT_LABELS"
};
[[nodiscard]] TokenWords token_words(TokenKind kind);

/// INVALID_ARGUMENT where the name is empty, longer than kNameBytesMax, no UTF-8, or has a NUL
/// inside (NAME_EMPTY, NAME_TOO_LONG, NAME_NOT_UTF8, NAME_HAS_NUL).
Status check_name(TokenKind kind, std::string_view name);

/// The name for a message: at most 64 bytes of it, control characters and broken bytes as \xNN.
[[nodiscard]] std::string shown_name(std::string_view name);

}  // namespace deed::catalog
