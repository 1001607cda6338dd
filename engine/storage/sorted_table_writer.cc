#include "engine/storage/sorted_table_writer.h"

#include <rocksdb/cache.h>
#include <rocksdb/sst_file_writer.h>
#include <utility>

#include "engine/storage/internal/rocks_options.h"
#include "engine/storage/internal/rocks_status.h"

namespace deed::storage {

struct SortedTableWriter::Impl {
    explicit Impl(const rocksdb::Options& options) : writer(rocksdb::EnvOptions(), options) {}

    rocksdb::SstFileWriter writer;
    std::string path;
    std::string last_key;
    uint64_t rows = 0;
};

SortedTableWriter::SortedTableWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SortedTableWriter::~SortedTableWriter() = default;

Result<std::unique_ptr<SortedTableWriter>> SortedTableWriter::create(const std::string& path,
                                                                     KeySpace space) {
    rocksdb::Options options(
        rocksdb::DBOptions(),
        rocks_space_options(space, 1ULL << 20, 1ULL << 20, rocksdb::NewLRUCache(1ULL << 20)));
    options.bottommost_compression = rocksdb::kDisableCompressionOption;
    auto impl = std::make_unique<Impl>(options);
    impl->path = path;
    const rocksdb::Status status = impl->writer.Open(path);
    if (!status.ok()) return rocks_error(status, "creating " + path);
    return std::unique_ptr<SortedTableWriter>(new SortedTableWriter(std::move(impl)));
}

Status SortedTableWriter::put(std::string_view key, std::string_view value) {
    Impl& impl = *impl_;
    if (impl.rows > 0 && key <= impl.last_key)
        return Error(ErrorCode::kInvalidArgument, "KEY_ORDER",
                     impl.path + ": rows must come in ascending order of their keys");
    const rocksdb::Status status = impl.writer.Put(rocksdb::Slice(key.data(), key.size()),
                                                   rocksdb::Slice(value.data(), value.size()));
    if (!status.ok()) return rocks_error(status, "writing " + impl.path);
    impl.last_key.assign(key);
    ++impl.rows;
    return {};
}

Status SortedTableWriter::finish() {
    if (impl_->rows == 0)
        return Error(ErrorCode::kInvalidArgument, "EMPTY_TABLE",
                     impl_->path + ": a table needs at least one row");
    const rocksdb::Status status = impl_->writer.Finish();
    if (!status.ok()) return rocks_error(status, "finishing " + impl_->path);
    return {};
}

uint64_t SortedTableWriter::rows() const {
    return impl_->rows;
}
uint64_t SortedTableWriter::file_bytes() const {
    return const_cast<rocksdb::SstFileWriter&>(impl_->writer).FileSize();
}

}  // namespace deed::storage
