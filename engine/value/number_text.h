#pragma once

#include <string>

/// How numbers print in Cypher: `toString`, string concatenation, `Value::to_string`. Any thread.
namespace deed::value {

/// The shortest text that reads back as the same number, and is never mistaken for a whole number:
/// `1.0`, `0.1`, `1e300`, `NaN`, `Infinity`, `-Infinity`.
void append_float(std::string& out, double number);

}  // namespace deed::value
