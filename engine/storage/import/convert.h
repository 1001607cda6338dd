#pragma once

#include <string_view>

#include "engine/storage/import/csv.h"
#include "engine/storage/import/header.h"
#include "engine/value/value.h"

namespace deed::storage::importer {

struct ConvertOptions {
    char array_delimiter = ';';
    bool trim_strings = false;
    bool ignore_empty_strings = false;
    bool normalize_types = true;
};

/// Turns the fields of one column into values.
///
/// Thread safety: `convert` from any thread. Lifetime: the column must outlive the converter.
class Converter {
 public:
    Converter(const Column* column, const ConvertOptions& options);

    /// The field's value; null where the field is empty, which means that the property is absent.
    /// `checked`: the text is known to be UTF-8 (ASCII). On false `fault` says what is wrong.
    bool convert(const Field& field, bool checked, value::Value& out, Fault& fault) const;

 private:
    bool scalar(std::string_view text, const Field& field, value::Value& out, Fault& fault) const;
    bool integer(std::string_view text, const Field& field, value::Value& out, Fault& fault) const;
    bool temporal(std::string_view text, const Field& field, value::Value& out, Fault& fault) const;
    bool array(std::string_view text, const Field& field, value::Value& out, Fault& fault) const;
    bool fail(const Field& field, std::string reason, std::string message, Fault& fault) const;

    const Column* column_;
    ConvertOptions options_;
    int32_t offset_seconds_ = 0;  // of {timezone:+02:00}
    std::string_view zone_;       // of {timezone:Europe/Stockholm}
};

/// `{latitude: 55.6, longitude: 13}`, `{x: 1, y: 2, crs: 'cartesian'}`; `crs_default` may be empty.
Result<value::Point> parse_point(std::string_view text, std::string_view crs_default);

/// The text of a field for a message: shortened, in quotes, control bytes as escapes.
std::string shown(std::string_view text);

}  // namespace deed::storage::importer
