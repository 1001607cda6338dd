#include "engine/storage/internal/open_rule.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/storage/keys.h"

namespace deed::storage {

namespace {

std::string time_text(int64_t wall_us) {
    const auto seconds = static_cast<std::time_t>(wall_us / 1'000'000);
    std::tm utc{};
    char text[32] = "an unknown time";
    if (wall_us > 0 && ::gmtime_r(&seconds, &utc) != nullptr)
        (void)std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &utc);
    return text;
}

std::string commit_text(CommitTs ts, int64_t wall_us) {
    if (ts.raw() == 0) return "the empty database";
    return "commit " + std::to_string(ts.raw()) + " of " + time_text(wall_us);
}

// What the log's files say of themselves, read without the engine.
class Evidence : public KvLogVisitor {
 public:
    void on_file(const std::string& file, std::string_view bytes, size_t intact) override {
        last_file_ = file;
        std::set<DatabaseUuid>& databases = databases_[file];
        find_log_tags(bytes, [&](const DatabaseUuid& database) { databases.insert(database); });
        find_log_headers(bytes, [&](size_t offset, const LogRecordHeader& header) {
            headers_.push_back(header);
            durable_ = std::max(durable_, header.durable_through);
            if (offset < intact) reached_ = std::max(reached_, header.ts);
        });
    }

    [[nodiscard]] CommitTs durable() const { return durable_; }
    [[nodiscard]] CommitTs reached() const { return reached_; }
    [[nodiscard]] const std::string& last_file() const { return last_file_; }
    [[nodiscard]] const std::vector<LogRecordHeader>& headers() const { return headers_; }

    /// A log file of another database than `ours`, or nothing.
    [[nodiscard]] std::optional<std::string> alien(const DatabaseUuid& ours) const {
        for (const auto& [file, databases] : databases_)
            if (!databases.empty() && !databases.contains(ours)) return file;
        return std::nullopt;
    }

 private:
    CommitTs durable_{0};
    CommitTs reached_{0};  // newest record in the undamaged part
    std::string last_file_;
    std::vector<LogRecordHeader> headers_;
    std::map<std::string, std::set<DatabaseUuid>> databases_;  // by file
};

class OpenRule {
 public:
    OpenRule(const StoreOptions& options, const DataDir& directory, KvEngineFactory& factory)
        : options_(options), directory_(directory), factory_(factory) {}

    Result<OpenedEngine> run();

 private:
    struct Contents {
        std::unique_ptr<KvEngine> engine;
        std::optional<Meta> meta;
        LogTail tail;
    };

    Status read_watermark();
    Result<OpenedEngine> create();
    Result<OpenedEngine> open_existing();
    Result<Contents> open_contents(bool read_only, DamagedTail tail) const;
    Status check_database(const DatabaseUuid& database) const;
    Status judge(const Contents& contents);
    Result<OpenedEngine> set_up(Contents contents);
    Status cut_log(Contents& contents);
    [[nodiscard]] Error refusal(CommitTs recovered, int64_t wall_us, CommitTs durable) const;
    [[nodiscard]] Error damaged(Error error) const;
    [[nodiscard]] Error mixed(const std::string& file) const;
    void note_lost(CommitTs recovered, int64_t wall_us, CommitTs newest);

    const StoreOptions& options_;
    const DataDir& directory_;
    KvEngineFactory& factory_;
    std::optional<Watermark> watermark_;
    Evidence evidence_;
    std::optional<KvLogDamage> damage_;
    bool lossy_ = false;  // accept_data_loss was needed
    std::string note_;
};

std::string options_text(const std::string& directory) {
    return ". Nothing has been changed. You can (1) restore a backup; (2) copy " + directory +
           " and look at the copy with `deed check --data-dir`; (3) go on without what is lost: "
           "`deed recover --accept-data-loss --data-dir " +
           directory + "`";
}

// What is lost is not the end of the log: there is nothing that could be given up to go on.
constexpr const char* kBeyondRecovery =
    ". Nothing has been changed. Restore a backup, or import the graph again: `deed recover` gives "
    "up the end of a log, it does not repair what else is lost";

Error OpenRule::damaged(Error error) const {
    if (error.code() != ErrorCode::kCorruption) return error;
    CommitTs newest{0};
    int64_t wall_us = 0;
    for (const LogRecordHeader& header : evidence_.headers()) {
        if (header.ts > evidence_.reached() || header.ts < newest) continue;
        newest = header.ts;
        wall_us = header.wall_us;
    }
    std::string log_says = newest.raw() == 0
                               ? std::string("the log holds no commits")
                               : "the log is whole up to " + commit_text(newest, wall_us);
    return {ErrorCode::kCorruption, error.reason(),
            error.message() + "; " + log_says + kBeyondRecovery};
}

Error OpenRule::mixed(const std::string& file) const {
    return {ErrorCode::kCorruption, "DATABASES_MIXED",
            file + " belongs to another database than the rest of " + directory_.path() +
                "; put the files of one database back together" + kBeyondRecovery};
}

Error OpenRule::refusal(CommitTs recovered, int64_t wall_us, CommitTs durable) const {
    std::string where;
    if (damage_) {
        where =
            damage_->file + " at byte " + std::to_string(damage_->offset) + ": " + damage_->what;
    } else {
        const std::string file =
            evidence_.last_file().empty() ? directory_.engine_path() : evidence_.last_file();
        where = file + ": the log ends too early";
    }
    return {ErrorCode::kCorruption, "COMMITS_LOST",
            where + "; acknowledged commits would be missing: the last good one is " +
                commit_text(recovered, wall_us) + ", but commits up to " +
                std::to_string(durable.raw()) + " had been made durable" +
                options_text(directory_.path())};
}

void OpenRule::note_lost(CommitTs recovered, int64_t wall_us, CommitTs newest) {
    uint64_t records = 0;
    uint64_t transactions = 0;
    int64_t first_us = 0;
    int64_t last_us = 0;
    for (const LogRecordHeader& header : evidence_.headers()) {
        if (header.ts <= recovered) continue;
        ++records;
        transactions += header.transactions;
        first_us = first_us == 0 ? header.wall_us : std::min(first_us, header.wall_us);
        last_us = std::max(last_us, header.wall_us);
        newest = std::max(newest, header.ts);
    }
    note_ = "data loss was accepted: dropped commits " + std::to_string(recovered.raw() + 1) +
            " to " + std::to_string(newest.raw()) + " (" +
            std::to_string(newest.raw() - recovered.raw()) + " groups";
    if (records > 0)
        note_ += "; the log still names " + std::to_string(records) + " of them with " +
                 std::to_string(transactions) + " transactions, from " + time_text(first_us) +
                 " to " + time_text(last_us);
    note_ += "); the database is at " + commit_text(recovered, wall_us);
}

Status OpenRule::read_watermark() {
    Result<std::string> bytes = factory_.read_file(directory_.watermark_path());
    if (!bytes.ok()) {
        const ErrorCode code = bytes.error().code();
        if (code == ErrorCode::kNotFound) return {};
        if (code != ErrorCode::kLimitExceeded) return std::move(bytes).error();
    } else {
        watermark_ = decode_watermark(*bytes);
        if (watermark_) return {};
    }
    note_ = directory_.watermark_path() +
            " is damaged, so the log was judged without it; it is written anew";
    return {};
}

Status OpenRule::check_database(const DatabaseUuid& database) const {
    if (watermark_ && watermark_->database != database) return mixed(directory_.watermark_path());
    if (const auto file = evidence_.alien(database)) return mixed(*file);
    return {};
}

Result<OpenRule::Contents> OpenRule::open_contents(bool read_only, DamagedTail tail) const {
    KvOpenOptions open;
    open.directory = directory_.engine_path();
    open.create_if_missing = options_.create_if_missing && !read_only;
    open.read_only = read_only;
    open.damaged_tail = tail;
    open.block_cache_bytes = options_.block_cache_bytes;
    open.write_buffer_bytes = options_.write_buffer_bytes;
    Contents contents;
    DEED_ASSIGN_OR_RETURN(contents.engine, factory_.open(open));
    DEED_ASSIGN_OR_RETURN(contents.meta, read_meta(*contents.engine));
    if (!contents.meta) return contents;
    DEED_RETURN_IF_ERROR(check_database(contents.meta->database));
    contents.engine->tag_log(log_tag(contents.meta->database));
    DEED_ASSIGN_OR_RETURN(contents.tail,
                          read_log_tail(*contents.engine, contents.meta->checkpoint));
    return contents;
}

// R against D, when there is a doubt and again on what is to be served.
Status OpenRule::judge(const Contents& contents) {
    if (!contents.meta) return {};
    CommitTs durable = std::max(evidence_.durable(), contents.meta->checkpoint.rows_through);
    if (watermark_) durable = std::max(durable, watermark_->acknowledged);
    durable = std::max(durable, contents.tail.newest);
    const CommitTs recovered = contents.tail.contiguous;
    if (durable <= recovered) return {};
    if (!options_.accept_data_loss) return refusal(recovered, contents.tail.wall_us, durable);
    lossy_ = true;
    note_lost(recovered, contents.tail.wall_us, durable);
    if (contents.meta->checkpoint.rows_through > recovered)
        note_ += "; rows of later commits may be among the rest, so run `deed check`";
    return {};
}

// Records behind a gap can never be replayed; new commits will take their numbers.
Status OpenRule::cut_log(Contents& contents) {
    const auto batch = contents.engine->new_batch();
    const auto cursor = contents.engine->cursor(
        KeySpace::kLog, {keys::log(CommitTs(contents.tail.contiguous.raw() + 1)), {}});
    for (; cursor->valid(); cursor->next()) batch->remove(KeySpace::kLog, cursor->key());
    DEED_RETURN_IF_ERROR(cursor->status());
    Checkpoint checkpoint = contents.meta->checkpoint;
    checkpoint.rows_through = std::min(checkpoint.rows_through, contents.tail.contiguous);
    batch->put(KeySpace::kMeta, keys::checkpoint(), encode_checkpoint(checkpoint));
    DEED_RETURN_IF_ERROR(contents.engine->write(*batch, WriteMode::kSynced));
    const Watermark mark{contents.meta->database, contents.tail.contiguous,
                         Clock::system().wall_us()};
    DEED_RETURN_IF_ERROR(
        factory_.replace_file(directory_.watermark_path(), encode_watermark(mark)));
    watermark_ = mark;
    DEED_ASSIGN_OR_RETURN(contents.tail, read_log_tail(*contents.engine, checkpoint));
    return {};
}

Result<OpenedEngine> OpenRule::set_up(Contents contents) {
    // A set-up that was cut short has no rows and no WATERMARK; anything else is a loss.
    for (const KeySpace space :
         {KeySpace::kMeta, KeySpace::kLog, KeySpace::kNode, KeySpace::kEdge}) {
        const auto cursor = contents.engine->cursor(space, {});
        if (cursor->valid() || watermark_)
            return damaged(Error(
                ErrorCode::kCorruption, "META_MISSING",
                directory_.engine_path() + " has lost the rows that say which database it is"));
        DEED_RETURN_IF_ERROR(cursor->status());
    }
    if (options_.read_only || !options_.create_if_missing)
        return Error(ErrorCode::kNotFound, "DATABASE_NOT_FOUND",
                     directory_.path() + " holds no database", "data_dir");
    OpenedEngine opened;
    DEED_ASSIGN_OR_RETURN(opened.meta.database, new_uuid());
    contents.engine->tag_log(log_tag(opened.meta.database));
    const auto batch = contents.engine->new_batch();
    batch->put(KeySpace::kMeta, keys::format(), encode_format(kFormatVersion));
    batch->put(KeySpace::kMeta, keys::uuid(), encode_uuid(opened.meta.database));
    batch->put(KeySpace::kMeta, keys::checkpoint(), encode_checkpoint({}));
    DEED_RETURN_IF_ERROR(contents.engine->write(*batch, WriteMode::kSynced));
    opened.engine = std::move(contents.engine);
    return opened;
}

Result<OpenedEngine> OpenRule::create() {
    if (watermark_)
        return damaged(Error(ErrorCode::kCorruption, "FILE_MISSING",
                             directory_.path() + " has a WATERMARK, but its database is gone (" +
                                 directory_.engine_path() + "/CURRENT is missing)"));
    if (options_.read_only || !options_.create_if_missing)
        return Error(ErrorCode::kNotFound, "DATABASE_NOT_FOUND",
                     directory_.path() + " holds no database", "data_dir");
    DEED_ASSIGN_OR_RETURN(Contents contents, open_contents(false, DamagedTail::kRefuse));
    return set_up(std::move(contents));
}

Result<OpenedEngine> OpenRule::open_existing() {
    DEED_ASSIGN_OR_RETURN(damage_, factory_.scan_log(directory_.engine_path(), evidence_));
    if (watermark_) DEED_RETURN_IF_ERROR(check_database(watermark_->database));
    if (damage_ && damage_->out_of_order)
        return damaged(Error(
            ErrorCode::kCorruption, "LOG_OUT_OF_ORDER",
            damage_->file + " at byte " + std::to_string(damage_->offset) + ": " + damage_->what));
    CommitTs durable = evidence_.durable();
    if (watermark_) durable = std::max(durable, watermark_->acknowledged);
    const bool doubt = damage_ || evidence_.reached() < durable;
    if (doubt) {
        Result<Contents> looked = open_contents(true, DamagedTail::kDrop);
        if (!looked.ok()) return damaged(std::move(looked).error());
        DEED_RETURN_IF_ERROR(judge(*looked));
    }
    Result<Contents> opened =
        open_contents(options_.read_only, damage_ ? DamagedTail::kDrop : DamagedTail::kRefuse);
    if (!opened.ok()) return damaged(std::move(opened).error());
    Contents contents = std::move(opened).value();
    if (!contents.meta) return set_up(std::move(contents));
    DEED_RETURN_IF_ERROR(judge(contents));
    if (lossy_ && !options_.read_only) DEED_RETURN_IF_ERROR(cut_log(contents));
    if (damage_ && !lossy_)
        note_ = "the end of the log was damaged (" + damage_->file + " at byte " +
                std::to_string(damage_->offset) + ": " + damage_->what +
                ") and was dropped; no acknowledged commit was in it";
    OpenedEngine result;
    result.engine = std::move(contents.engine);
    result.meta = std::move(*contents.meta);
    result.tail = contents.tail;
    if (watermark_) result.watermark = watermark_->acknowledged;
    result.note = note_;
    return result;
}

Result<OpenedEngine> OpenRule::run() {
    DEED_RETURN_IF_ERROR(read_watermark());
    Result<bool> exists = factory_.exists(directory_.engine_path());
    if (!exists.ok()) return damaged(std::move(exists).error());
    Result<OpenedEngine> opened = *exists ? open_existing() : create();
    if (!opened.ok() || options_.read_only) return opened;
    // From here on a directory without its database is noticed.
    const CommitTs recovered = opened->tail.contiguous;
    if (!watermark_ || watermark_->acknowledged < recovered) {
        const Watermark mark{opened->meta.database, recovered, Clock::system().wall_us()};
        DEED_RETURN_IF_ERROR(
            factory_.replace_file(directory_.watermark_path(), encode_watermark(mark)));
        opened->watermark = recovered;
    }
    return opened;
}

}  // namespace

Result<OpenedEngine> open_engine(const StoreOptions& options, const DataDir& directory,
                                 KvEngineFactory& factory) {
    return OpenRule(options, directory, factory).run();
}

}  // namespace deed::storage
