// Reading relationships, in chunks, on several threads:
//   1. Each thread takes a chunk, cuts it into rows, converts the properties and looks the ends up
//   in
//      the id spaces, which no longer change. Misses of a whole batch of look-ups overlap.
//   2. In the order of the chunks: edge ids are given. A page of 64 edges belongs to the chunk that
//      completes it, so the rows of the last, incomplete page are passed on to the next chunk.
//   3. Each thread encodes its pages and puts both halves of each edge into the partitions.
//   4. In the order of the chunks: the pages are written to the table file.
#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "engine/base/limits.h"
#include "engine/storage/import/internal/line_tracker.h"
#include "engine/storage/import/internal/stages.h"
#include "engine/storage/import/internal/turnstile.h"
#include "engine/storage/keys.h"
#include "engine/storage/rows.h"

namespace deed::storage::importer {

namespace {

constexpr size_t kBatch = 1024;

static_assert(limits::kTypesMax <= std::numeric_limits<uint16_t>::max());

struct Shared {
    Work& work;
    ChunkReader reader;
    Turnstile ids_turn;
    Turnstile pages_turn;
    LineTracker lines;           // in turn of ids
    uint64_t edge_end = 0;       // in turn of ids
    std::vector<EdgeRow> carry;  // in turn of ids: the edges of the page that is not complete
    TableRun pages;              // in turn of pages

    explicit Shared(Work& all)
        : work(all),
          reader(all.plan.edge_sets, all.plan.dialect),
          lines(&all.plan.edge_sets),
          pages(&all.tables, KeySpace::kEdge) {}

    void fail(const Error& error) {
        ids_turn.fail(error);
        pages_turn.fail(error);
    }
};

class EdgeWorker {
 public:
    explicit EdgeWorker(Shared* shared)
        : shared_(*shared),
          plan_(shared->work.plan),
          halves_(shared->work.partitions.get()),
          types_(shared->work.plan.catalog->types, ';') {}

    void run() {
        for (;;) {
            auto more = shared_.reader.next(chunk_);
            if (more.ok() && !more.value()) break;
            if (more.ok()) parse();
            if (!shared_.ids_turn.enter(chunk_.sequence)) return;
            Status status = more.ok() ? give_ids() : Status(more.error());
            if (!status.ok()) return shared_.fail(status.error());
            shared_.ids_turn.leave();
            status = build();
            if (!shared_.pages_turn.enter(chunk_.sequence)) return;
            if (status.ok()) status = write_pages();
            if (!status.ok()) return shared_.fail(status.error());
            shared_.pages_turn.leave();
        }
        if (Status status = halves_.finish(); !status.ok()) shared_.fail(status.error());
    }

 private:
    struct PendingRow {
        uint64_t line;
        size_t offset;
        uint32_t start_column;
        uint32_t end_column;
        uint32_t bytes;
    };

    void parse();
    bool parse_row(const SetPlan& plan, bool checked, Fault& fault);
    bool read_end(const SetPlan& plan, int column, IdReading reading, bool checked,
                  std::vector<ExternalId>& ids, Fault& fault);
    bool read_type(const SetPlan& plan, Fault& fault);
    void resolve_batch(const SetPlan& plan);
    void add_dangling(const SetPlan& plan, size_t row);
    void add_fault(FaultKind kind, uint64_t line, Fault fault, std::string_view text);
    [[nodiscard]] bool enough() const {
        return faults_.size() > shared_.work.bad->worth_collecting();
    }
    Status give_ids();
    Status build();
    Status write_pages();
    void fill_row(size_t index, EdgeRow& row);
    Status add_page(uint64_t page, std::span<const EdgeRow> rows);

    Shared& shared_;
    ImportPlan& plan_;
    Partitions::Writer halves_;
    NameCache types_;
    Chunk chunk_;
    std::vector<Field> fields_;

    // Rows read but not yet looked up.
    std::vector<ExternalId> batch_starts_;
    std::vector<ExternalId> batch_ends_;
    std::vector<uint32_t> batch_types_;
    std::vector<PendingRow> batch_rows_;
    std::vector<value::Value> batch_values_;
    std::deque<std::string> kept_ids_;
    std::vector<uint32_t> found_starts_;
    std::vector<uint32_t> found_ends_;

    // The good rows of the chunk.
    std::vector<uint32_t> starts_;
    std::vector<uint32_t> ends_;
    std::vector<uint32_t> row_types_;
    std::vector<value::Value> values_;  // row by row, as many as the plan has properties
    std::vector<LineFault> faults_;
    uint64_t lines_ = 0;
    uint64_t properties_ = 0;

    // From the turn of ids on.
    uint64_t first_edge_ = 0;
    std::vector<EdgeRow> head_;  // of the page that the chunks before left incomplete
    size_t tail_ = 0;            // the last rows of the chunk, passed on
    std::vector<EdgeRow> page_rows_;
    std::string pages_;
    struct Page {
        uint64_t number;
        size_t end;
    };
    std::vector<Page> page_ends_;
};

void EdgeWorker::add_fault(FaultKind kind, uint64_t line, Fault fault, std::string_view text) {
    if (!enough()) faults_.push_back({kind, line, std::move(fault), std::string(text)});
}

bool EdgeWorker::read_end(const SetPlan& plan, int column, IdReading reading, bool checked,
                          std::vector<ExternalId>& ids, Fault& fault) {
    const auto index = static_cast<size_t>(column);
    const Field& field = fields_[index];
    ExternalId id;
    bool guess_failed = false;
    if (!read_id(field, reading, plan.set->header.columns[index].title, checked, id, fault,
                 guess_failed)) {
        // All nodes have numbers, so a text names none; which is what the look-up will say.
        if (!guess_failed) return false;
        id = ExternalId::of_text(trimmed(field.text));
    }
    if (!id.is_integer() && field.quoted)
        id = ExternalId::of_text(kept_ids_.emplace_back(id.text()));
    ids.push_back(id);
    return true;
}

bool EdgeWorker::read_type(const SetPlan& plan, Fault& fault) {
    if (plan.name_column >= 0) {
        const Field& field = fields_[static_cast<size_t>(plan.name_column)];
        if (!field.text.empty()) {
            auto type = types_.name(field.text);
            if (!type.ok()) {
                fault = {"IMPORT_BAD_TYPE", type.error().message(), field.column, ":TYPE"};
                return false;
            }
            batch_types_.push_back(*type);
            return true;
        }
        if (!plan.type.valid()) {
            fault = {
                "IMPORT_EMPTY_TYPE",
                "the relationship has no type; fill the column, or name a type for rows without "
                "one: --relationships=TYPE=file",
                field.column, ":TYPE"};
            return false;
        }
    }
    batch_types_.push_back(plan.type.raw());
    return true;
}

bool EdgeWorker::parse_row(const SetPlan& plan, bool checked, Fault& fault) {
    if (!check_width(fields_, plan, plan_.ignore_extra_columns, fault)) return false;
    const size_t values = batch_values_.size();
    const size_t starts = batch_starts_.size();
    const auto undo = [&] {
        batch_values_.resize(values);
        batch_starts_.resize(starts);
        batch_ends_.resize(starts);
        batch_types_.resize(starts);
        return false;
    };
    if (!read_end(plan, plan.id_column, plan.reading, checked, batch_starts_, fault)) return undo();
    if (!read_end(plan, plan.end_column, plan.end_reading, checked, batch_ends_, fault))
        return undo();
    if (!read_type(plan, fault)) return undo();
    for (const PropertyPlan& property : plan.properties) {
        value::Value& value = batch_values_.emplace_back();
        if (!property.converter.convert(fields_[property.column], checked, value, fault))
            return undo();
    }
    return true;
}

void EdgeWorker::add_dangling(const SetPlan& plan, size_t row) {
    const bool start = found_starts_[row] == kNoNode;
    const ExternalId& id = start ? batch_starts_[row] : batch_ends_[row];
    const IdSpace& space = start ? *plan.space : *plan.end_space;
    const std::string text = id.is_integer() ? fmt::format("{}", id.integer) : shown(id.text());
    const PendingRow& pending = batch_rows_[row];
    const int column = start ? plan.id_column : plan.end_column;
    add_fault(FaultKind::kDangling, pending.line,
              {"IMPORT_NO_SUCH_NODE",
               fmt::format("there is no node with the id {}{}; add the node, correct the id, or "
                           "give --skip-bad-relationships",
                           text,
                           space.name().empty() ? std::string()
                                                : fmt::format(" in the space {}", space.name())),
               start ? pending.start_column : pending.end_column,
               plan.set->header.columns[static_cast<size_t>(column)].title},
              chunk_.bytes.substr(pending.offset, pending.bytes));
}

void EdgeWorker::resolve_batch(const SetPlan& plan) {
    const size_t rows = batch_rows_.size();
    const size_t width = plan.properties.size();
    found_starts_.resize(rows);
    found_ends_.resize(rows);
    plan.space->find_all(batch_starts_, found_starts_);
    plan.end_space->find_all(batch_ends_, found_ends_);
    for (size_t i = 0; i < rows; ++i) {
        if (found_starts_[i] == kNoNode || found_ends_[i] == kNoNode) [[unlikely]] {
            add_dangling(plan, i);
            continue;
        }
        starts_.push_back(found_starts_[i]);
        ends_.push_back(found_ends_[i]);
        row_types_.push_back(batch_types_[i]);
        for (size_t k = 0; k < width; ++k) {
            value::Value& value = batch_values_[i * width + k];
            properties_ += value.is_null() ? 0 : 1;
            values_.push_back(std::move(value));
        }
    }
    batch_starts_.clear();
    batch_ends_.clear();
    batch_types_.clear();
    batch_rows_.clear();
    batch_values_.clear();
    kept_ids_.clear();
}

void EdgeWorker::parse() {
    starts_.clear();
    ends_.clear();
    row_types_.clear();
    values_.clear();
    faults_.clear();
    properties_ = 0;
    const SetPlan& plan = plan_.edges[chunk_.set];
    RowScanner scanner(chunk_.bytes, plan_.dialect);
    Fault fault;
    while (!enough()) {
        const RowScanner::Outcome outcome = scanner.next(fields_);
        if (outcome == RowScanner::Outcome::kEnd) break;
        if (outcome == RowScanner::Outcome::kFault) {
            add_fault(FaultKind::kLine, scanner.line(), scanner.fault(), scanner.row_bytes());
            continue;
        }
        if (!parse_row(plan, !scanner.seen_high() && !scanner.seen_nul(), fault)) {
            add_fault(FaultKind::kLine, scanner.line(), fault, scanner.row_bytes());
            continue;
        }
        const std::string_view row = scanner.row_bytes();
        batch_rows_.push_back({scanner.line(),
                               static_cast<size_t>(row.data() - chunk_.bytes.data()),
                               fields_[static_cast<size_t>(plan.id_column)].column,
                               fields_[static_cast<size_t>(plan.end_column)].column,
                               static_cast<uint32_t>(row.size())});
        if (batch_rows_.size() == kBatch) resolve_batch(plan);
    }
    resolve_batch(plan);
    lines_ = scanner.lines();
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const LineFault& a, const LineFault& b) { return a.line < b.line; });
}

/// Makes the row of the edge at `index` of the chunk; takes its values.
void EdgeWorker::fill_row(size_t index, EdgeRow& row) {
    const std::vector<PropertyPlan>& properties = plan_.edges[chunk_.set].properties;
    row.id = EdgeId(first_edge_ + index);
    row.start = NodeId(starts_[index]);
    row.end = NodeId(ends_[index]);
    row.type = TypeId(row_types_[index]);
    row.properties.clear();
    for (size_t k = 0; k < properties.size(); ++k) {
        value::Value& value = values_[index * properties.size() + k];
        if (!value.is_null()) row.properties.emplace_back(properties[k].key, std::move(value));
    }
}

Status EdgeWorker::give_ids() {
    Work& work = shared_.work;
    const uint64_t first_line = shared_.lines.pass(chunk_, lines_);
    DEED_RETURN_IF_ERROR(shared_.lines.report(chunk_, first_line, faults_, *work.bad));
    if (shared_.edge_end + starts_.size() > limits::kEdgesMax)
        return Error(ErrorCode::kLimitExceeded, "LIMIT_EDGES",
                     fmt::format("the import has more than {} relationships", limits::kEdgesMax));
    first_edge_ = shared_.edge_end;
    shared_.edge_end += starts_.size();
    head_ = std::move(shared_.carry);
    shared_.carry.clear();
    const bool completes = first_edge_ / kEdgesPerPage != shared_.edge_end / kEdgesPerPage;
    tail_ = completes ? shared_.edge_end % kEdgesPerPage : starts_.size();
    // What completes no page joins the rows that wait for the page's end.
    if (!completes) shared_.carry = std::move(head_);
    for (size_t i = starts_.size() - tail_; i < starts_.size(); ++i)
        fill_row(i, shared_.carry.emplace_back());
    if (!completes) head_.clear();
    work.counters.edges.fetch_add(starts_.size(), std::memory_order_relaxed);
    work.counters.properties.fetch_add(properties_, std::memory_order_relaxed);
    work.counters.bad.store(work.bad->count(), std::memory_order_relaxed);
    return {};
}

Status EdgeWorker::add_page(uint64_t page, std::span<const EdgeRow> rows) {
    encode_edge_page(page, rows, pages_);
    page_ends_.push_back({page, pages_.size()});
    return {};
}

Status EdgeWorker::build() {
    for (size_t i = 0; i < starts_.size(); ++i) {
        const auto edge = static_cast<uint32_t>(first_edge_ + i);
        const auto type = static_cast<uint16_t>(row_types_[i]);
        DEED_RETURN_IF_ERROR(halves_.add(starts_[i], ends_[i], edge, type, Side::kOut));
        DEED_RETURN_IF_ERROR(halves_.add(ends_[i], starts_[i], edge, type, Side::kIn));
    }
    pages_.clear();
    page_ends_.clear();
    const size_t own = starts_.size() - tail_;
    page_rows_.resize(kEdgesPerPage);
    size_t used = head_.size();
    for (size_t i = 0; i < used; ++i) page_rows_[i] = std::move(head_[i]);
    head_.clear();
    for (size_t i = 0; i < own; ++i) {
        fill_row(i, page_rows_[used++]);
        if (used < kEdgesPerPage) continue;
        DEED_RETURN_IF_ERROR(add_page((first_edge_ + i) / kEdgesPerPage, page_rows_));
        used = 0;
    }
    DEED_ASSERT(used == 0, "a chunk has left an edge page incomplete");
    return {};
}

Status EdgeWorker::write_pages() {
    size_t begin = 0;
    for (const Page& page : page_ends_) {
        const std::string_view bytes(pages_.data() + begin, page.end - begin);
        DEED_RETURN_IF_ERROR(shared_.pages.put(keys::edge_page(page.number), bytes));
        begin = page.end;
    }
    return {};
}

}  // namespace

Status run_edge_stage(Work& work) {
    work.partitions = std::make_unique<Partitions>(work.records->size(), work.threads, &work.budget,
                                                   work.spill.get());
    Shared shared(work);
    work.reader = &shared.reader;
    run_threads(work.threads, work.tick, [&](uint32_t) { EdgeWorker(&shared).run(); });
    work.reader = nullptr;
    work.bytes_read += shared.reader.bytes_read();
    DEED_RETURN_IF_ERROR(shared.ids_turn.status());
    DEED_RETURN_IF_ERROR(shared.pages_turn.status());
    if (!shared.carry.empty()) {
        std::string bytes;
        const uint64_t page = shared.carry.front().id.raw() / kEdgesPerPage;
        encode_edge_page(page, shared.carry, bytes);
        DEED_RETURN_IF_ERROR(shared.pages.put(keys::edge_page(page), bytes));
    }
    return shared.pages.finish();
}

}  // namespace deed::storage::importer
