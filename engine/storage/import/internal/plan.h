#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/storage/import/convert.h"
#include "engine/storage/import/header.h"
#include "engine/storage/import/id_map.h"
#include "engine/storage/import/internal/input.h"

namespace deed::storage::importer {

inline constexpr uint64_t kMemoryMin = 16ULL << 20;
inline constexpr uint32_t kThreadsMax = 256;

/// How the ids of one id space are read.
enum class IdReading : uint8_t {
    kText,     // any text
    kInteger,  // whole numbers only
    kGuess,    // whole numbers, until a text comes; then everything begins again with kText
};

struct PropertyPlan {
    PropertyKeyId key;
    uint32_t column = 0;
    bool is_id = false;  // the value is the id, not what `converter` says
    Converter converter;
};

/// What to do with the rows of one set of files: the header with its names made into numbers.
struct SetPlan {
    const InputSet* set = nullptr;
    std::vector<PropertyPlan> properties;  // ascending by key
    std::vector<LabelId> labels;           // of every node; sorted
    TypeId type = TypeId::invalid();       // of every relationship, unless a column says it
    int id_column = -1;                    // or the start's
    int end_column = -1;
    int name_column = -1;                  // labels, or type
    IdReading reading = IdReading::kText;  // of the id, or the start
    IdReading end_reading = IdReading::kText;
    IdSpace* space = nullptr;  // nullptr: nodes without ids
    IdSpace* end_space = nullptr;
};

/// All sets and the id spaces between them.
struct ImportPlan {
    catalog::Catalog* catalog = nullptr;
    CsvDialect dialect;
    bool ignore_extra_columns = false;
    std::vector<InputSet> node_sets;
    std::vector<InputSet> edge_sets;
    std::vector<SetPlan> nodes;
    std::vector<SetPlan> edges;
    std::map<std::string, IdSpace, std::less<>> spaces;
    std::map<std::string, IdReading, std::less<>> readings;  // of each space
};

/// Checks the options, opens all inputs and makes the plan. Errors as `open_input`, and
/// INVALID_ARGUMENT where relationships name an id space that no nodes have. `ids_are_text`: a
/// guess failed before.
Status make_plan(const ImportOptions& options, bool ids_are_text, ImportPlan& plan);

/// Reads an id. False with a fault; `guess_failed` where it is no number and was guessed to be one.
bool read_id(const Field& field, IdReading reading, std::string_view column, bool checked,
             ExternalId& id, Fault& fault, bool& guess_failed);

/// Says how a row's number of fields differs from the header's, if it does.
bool check_width(const std::vector<Field>& fields, const SetPlan& plan, bool ignore_extra,
                 Fault& fault);

/// Numbers of names that come with rows, looked up in the catalog once per thread and name.
///
/// Thread safety: one thread.
class NameCache {
 public:
    NameCache(catalog::TokenTable& table, char separator) : table_(table), separator_(separator) {}

    /// The sorted numbers of the names in `text`, `fixed` among them. Errors as TokenTable::intern.
    Result<const std::vector<uint32_t>*> names(std::string_view text,
                                               const std::vector<uint32_t>& fixed);
    Result<uint32_t> name(std::string_view text);

 private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    catalog::TokenTable& table_;
    char separator_;
    std::unordered_map<std::string, std::vector<uint32_t>, Hash, std::equal_to<>> lists_;
    std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> single_;
};

}  // namespace deed::storage::importer
