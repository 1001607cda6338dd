#pragma once

#include <string>
#include <string_view>

#include "deed/v1/value.pb.h"
#include "engine/base/result.h"
#include "engine/value/value.h"

/// Values between the wire and the engine. Pure functions; any thread.
namespace deed::server {

/// Lists and maps within each other, on this interface. A message of protobuf may hold 100 others
/// within each other, and a map costs three; deeper values could be written but not read back.
inline constexpr uint32_t kWireDepthMax = 30;

/// INVALID_ARGUMENT where no kind is set, a number is out of its range, or the value is too deep or
/// too long; the error's field is the path to the fault, `field` first.
Result<value::Value> from_wire(const v1::Value& wire, std::string_view field);

/// Fills `wire`, which is empty.
void to_wire(const value::Value& value, v1::Value* wire);

/// The same error about `prefix` + its present field: "properties" and "age" make "properties.age".
Error within_field(Error error, std::string_view prefix);

}  // namespace deed::server
