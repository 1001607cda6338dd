#pragma once

#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"
#include "engine/storage/internal/coding.h"

namespace deed::storage {

/// The first byte of every value.
inline constexpr char kRowVersion = 1;

// Parts that rows and log records share. Readers mark the ByteReader failed on bytes that no writer
// makes.
void put_labels(std::string& out, const std::vector<LabelId>& labels);
void get_labels(ByteReader& reader, std::vector<LabelId>& labels);
void put_properties(std::string& out, const catalog::PropertyList& properties);
void get_properties(ByteReader& reader, catalog::PropertyList& properties);

}  // namespace deed::storage
