#include "engine/catalog/name.h"

#include <string>

#include "engine/base/assert.h"
#include "engine/base/limits.h"
#include "engine/value/utf8.h"

namespace deed::catalog {

namespace {

constexpr size_t kShownBytesMax = 64;

Error refused(TokenKind kind, std::string_view reason, const std::string& what) {
    const TokenWords words = token_words(kind);
    return {ErrorCode::kInvalidArgument, std::string(reason),
            "a " + std::string(words.singular) + " " + what, std::string(words.field)};
}

void append_hex(std::string& out, unsigned char byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
}

}  // namespace

TokenWords token_words(TokenKind kind) {
    switch (kind) {
        case TokenKind::kLabel:
            return {"label", "labels", "labels", "LIMIT_LABELS"};
        case TokenKind::kType:
            return {"relationship type", "relationship types", "type", "LIMIT_TYPES"};
        case TokenKind::kPropertyKey:
            return {"property key", "property keys", "properties", "LIMIT_PROPERTY_KEYS"};
    }
    DEED_ASSERT(false, "there are three kinds of names");
    return {};
}

Status check_name(TokenKind kind, std::string_view name) {
    if (name.empty()) {
        return refused(kind, "NAME_EMPTY", "cannot be the empty string; give it a name");
    }
    if (name.size() > limits::kNameBytesMax) {
        return refused(kind, "NAME_TOO_LONG",
                       "has at most " + std::to_string(limits::kNameBytesMax) + " bytes; '" +
                           shown_name(name) + "' has " + std::to_string(name.size()));
    }
    if (name.find('\0') != std::string_view::npos) {
        return refused(
            kind, "NAME_HAS_NUL",
            "cannot have a NUL character inside; take it out of '" + shown_name(name) + "'");
    }
    if (!value::is_utf8(name)) {
        return refused(kind, "NAME_NOT_UTF8",
                       "must be valid UTF-8; '" + shown_name(name) +
                           "' is not, perhaps it is in another encoding");
    }
    return {};
}

std::string shown_name(std::string_view name) {
    size_t end = name.size();
    if (end > kShownBytesMax) {
        end = kShownBytesMax;
        // Back to the beginning of a character: a continuation byte is 10xxxxxx.
        while (end > kShownBytesMax - 4 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) {
            --end;
        }
    }
    const std::string_view part = name.substr(0, end);
    const bool readable = value::is_utf8(part);
    std::string shown;
    for (const char character : part) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 || byte == 0x7F || (!readable && byte >= 0x80)) {
            append_hex(shown, byte);
        } else {
            shown += character;
        }
    }
    if (end < name.size()) shown += "...";
    return shown;
}

}  // namespace deed::catalog
