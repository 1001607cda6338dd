#include "engine/storage/import/internal/target.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

#include "engine/storage/store.h"

namespace deed::storage::importer {

namespace {

Error target_error(std::string_view doing, const std::string& path, const std::error_code& error) {
    const bool full = error.value() == ENOSPC || error.value() == EDQUOT;
    return {full ? ErrorCode::kDiskFull : ErrorCode::kIoError,
            full ? "IMPORT_DISK_FULL" : "IMPORT_DATA_DIR",
            fmt::format("{} {}: {}", doing, path, error.message()), "data_dir"};
}

/// A store that was opened once but never written to may be replaced.
Status check_without_graph(const std::string& data_dir) {
    std::error_code ignored;
    if (!std::filesystem::exists(data_dir + "/rocks", ignored)) return {};
    StoreOptions options;
    options.data_dir = data_dir;
    options.read_only = true;
    options.create_if_missing = false;
    auto store = Store::open(options);
    if (!store.ok()) return std::move(store).error();
    const StoreState& state = (*store)->state();
    const bool empty = state.recovered.raw() == 0 && state.folded_through.raw() == 0 &&
                       state.node_id_end == 0 && state.edge_id_end == 0 && state.tokens.empty();
    DEED_RETURN_IF_ERROR((*store)->close());
    if (empty) return {};
    return Error(ErrorCode::kAlreadyExists, "IMPORT_GRAPH_EXISTS",
                 fmt::format("{} holds a graph already; import into another directory, or send the "
                             "rows to a running server with --server",
                             data_dir),
                 "data_dir");
}

Status sync_folder(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return target_error("opening", path, std::error_code(errno, std::generic_category()));
    const int result = ::fsync(descriptor);
    const int number = errno;
    ::close(descriptor);
    if (result != 0)
        return target_error("syncing", path, std::error_code(number, std::generic_category()));
    return {};
}

Status put_tokens(const catalog::Catalog& catalog, Store::Folder& folder) {
    for (const catalog::TokenTable* table :
         {&catalog.labels, &catalog.types, &catalog.property_keys}) {
        for (const catalog::Token& token : table->since(0)) {
            DEED_RETURN_IF_ERROR(folder.put_token(token));
        }
    }
    return {};
}

}  // namespace

Target::Target(DataDir directory, bool made)
    : directory_(std::move(directory)), folder_(directory_.import_path()), made_(made) {}

Result<std::unique_ptr<Target>> Target::prepare(const std::string& data_dir) {
    if (data_dir.empty())
        return Error(ErrorCode::kInvalidArgument, "IMPORT_NO_DATA_DIR",
                     "no data directory was given; say where the graph is to be made: --data-dir D",
                     "data_dir");
    std::error_code error;
    const bool made = !std::filesystem::exists(data_dir, error);
    DEED_RETURN_IF_ERROR(check_without_graph(data_dir));
    DEED_ASSIGN_OR_RETURN(DataDir directory, DataDir::acquire({.path = data_dir}));
    std::unique_ptr<Target> target(new Target(std::move(directory), made));
    std::filesystem::create_directories(target->tables_folder(), error);
    if (error) return target_error("making", target->folder_, error);
    return target;
}

Target::~Target() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    if (!made_ || committed_) return;
    // Nothing came of it, so the directory that was made for it goes too, if nobody else uses it.
    std::filesystem::remove(directory_.path() + "/LOCK.deed", ignored);
    std::filesystem::remove(directory_.path(), ignored);
}

Result<uint64_t> Target::build(const Contents& contents) const {
    StoreOptions options;
    options.data_dir = folder_ + "/store";
    DEED_ASSIGN_OR_RETURN(auto store, Store::open(options));
    for (const KeySpace space : {KeySpace::kNode, KeySpace::kEdge}) {
        const std::vector<std::string> files = contents.tables->files(space);
        if (!files.empty()) DEED_RETURN_IF_ERROR(store->ingest(space, files));
    }
    DEED_ASSIGN_OR_RETURN(auto fold, store->begin_fold());
    DEED_RETURN_IF_ERROR(put_tokens(*contents.catalog, *fold));
    DEED_RETURN_IF_ERROR(fold->finish(CommitTs(1), contents.node_id_end, contents.edge_id_end, 0));
    fold.reset();
    const uint64_t bytes = store->disk_bytes();
    DEED_RETURN_IF_ERROR(store->close());
    return bytes;
}

Status Target::put_in_place() {
    const std::string engine = directory_.engine_path();
    std::error_code error;
    // An empty store may stand there; it goes into the folder, which is removed.
    if (std::filesystem::exists(engine, error)) {
        std::filesystem::rename(engine, folder_ + "/replaced", error);
        if (error) return target_error("moving away", engine, error);
    }
    std::filesystem::remove(directory_.watermark_path(), error);
    std::filesystem::rename(folder_ + "/store/rocks", engine, error);
    if (error) return target_error("making", engine, error);
    return sync_folder(directory_.path());
}

Result<uint64_t> Target::commit(const Contents& contents) {
    DEED_ASSIGN_OR_RETURN(const uint64_t bytes, build(contents));
    DEED_RETURN_IF_ERROR(put_in_place());
    committed_ = true;
    return bytes;
}

}  // namespace deed::storage::importer
