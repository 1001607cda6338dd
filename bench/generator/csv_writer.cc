#include "bench/generator/csv_writer.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <xxhash.h>

namespace deed::bench {

namespace {

constexpr size_t kBufferBytes = 1 << 20;
constexpr size_t kRowBytesMax = 256;

/// One file being written: a buffer that rows are put into, and a checksum of what has left it.
///
/// Thread safety: one thread.
class CsvFile {
 public:
    CsvFile(std::string path, char delimiter)
        : path_(std::move(path)),
          delimiter_(delimiter),
          file_(std::fopen(path_.c_str(), "wb"), &std::fclose),
          state_(XXH3_createState(), &XXH3_freeState),
          buffer_(std::make_unique<char[]>(kBufferBytes)) {
        XXH3_64bits_reset(state_.get());
        if (file_ == nullptr) failed_errno_ = errno;
    }

    void text(std::string_view part) {
        std::memcpy(buffer_.get() + used_, part.data(), part.size());
        used_ += part.size();
    }
    void number(uint64_t value) {
        char* begin = buffer_.get() + used_;
        used_ += static_cast<size_t>(std::to_chars(begin, begin + 20, value).ptr - begin);
    }
    /// `1234` as 12.34
    void cents(int32_t value) {
        number(static_cast<uint64_t>(value / 100));
        const char digits[3] = {'.', static_cast<char>('0' + value / 10 % 10),
                                static_cast<char>('0' + value % 10)};
        text({digits, 3});
    }
    void next_field() { buffer_[used_++] = delimiter_; }
    void end_row() {
        buffer_[used_++] = '\n';
        if (used_ + kRowBytesMax > kBufferBytes) flush();
    }
    /// A header: fields separated by commas in `header` get the delimiter asked for.
    void header(std::string_view header) {
        for (const char character : header) {
            buffer_[used_++] = character == ',' ? delimiter_ : character;
        }
        end_row();
    }

    /// Writes what is left; says what went wrong on the way.
    Status finish(uint64_t* bytes, uint64_t* checksum) {
        flush();
        if (failed_errno_ == 0 && std::fclose(file_.release()) != 0) failed_errno_ = errno;
        *bytes = bytes_;
        *checksum = XXH3_64bits_digest(state_.get());
        if (failed_errno_ == 0) return {};
        const auto code = failed_errno_ == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kIoError;
        return Error(
            code, "CSV_WRITE",
            "cannot write " + path_ + ": " + std::generic_category().message(failed_errno_));
    }

 private:
    void flush() {
        if (failed_errno_ == 0 && used_ != 0) {
            XXH3_64bits_update(state_.get(), buffer_.get(), used_);
            bytes_ += used_;
            if (std::fwrite(buffer_.get(), 1, used_, file_.get()) != used_) failed_errno_ = errno;
        }
        used_ = 0;
    }

    const std::string path_;
    const char delimiter_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
    std::unique_ptr<char[]> buffer_;
    size_t used_ = 0;
    uint64_t bytes_ = 0;
    int failed_errno_ = 0;
};

void write_nodes(const Generator& generator, bool properties, CsvFile& file) {
    file.header(properties ? "id:ID,name:string,born:int,score:double,:LABEL" : "id:ID,:LABEL");
    generator.nodes([&](const GeneratedNode& node) {
        file.number(node.id);
        file.next_field();
        if (properties) {
            file.text(node.name);
            file.next_field();
            file.number(static_cast<uint64_t>(node.born));
            file.next_field();
            file.cents(node.score_cents);
            file.next_field();
        }
        file.text("Label");
        file.number(node.label);
        file.end_row();
    });
}

void write_edges(const Generator& generator, bool properties, CsvFile& file) {
    file.header(properties ? ":START_ID,:END_ID,:TYPE,since:int,weight:double"
                           : ":START_ID,:END_ID,:TYPE");
    generator.edges([&](const GeneratedEdge& edge) {
        file.number(edge.start);
        file.next_field();
        file.number(edge.end);
        file.next_field();
        file.text("TYPE");
        file.number(edge.type);
        if (properties) {
            file.next_field();
            file.number(static_cast<uint64_t>(edge.since));
            file.next_field();
            file.cents(edge.weight_cents);
        }
        file.end_row();
    });
}

bool occurs_in_values(char delimiter) {
    const auto byte = static_cast<unsigned char>(delimiter);
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || delimiter == '.' || delimiter == ':' ||
           delimiter == '_' || delimiter == '"' || byte >= 0x80 ||
           (byte < ' ' && delimiter != '\t');
}

}  // namespace

Result<CsvSummary> write_csv(const Generator& generator, const CsvOptions& options) {
    if (occurs_in_values(options.delimiter)) {
        return Error(ErrorCode::kInvalidArgument, "CSV_DELIMITER",
                     "this delimiter occurs in values or headers; use one of , ; | or a tab",
                     "delimiter");
    }
    std::error_code made;
    const std::filesystem::path directory(options.directory);
    std::filesystem::create_directories(directory, made);
    if (made) {
        return Error(ErrorCode::kIoError, "CSV_DIRECTORY",
                     "cannot make the directory " + options.directory + ": " + made.message());
    }
    CsvSummary summary;
    CsvFile nodes((directory / "nodes.csv").string(), options.delimiter);
    write_nodes(generator, options.properties, nodes);
    DEED_RETURN_IF_ERROR(nodes.finish(&summary.node_bytes, &summary.node_checksum));
    CsvFile edges((directory / "edges.csv").string(), options.delimiter);
    write_edges(generator, options.properties, edges);
    DEED_RETURN_IF_ERROR(edges.finish(&summary.edge_bytes, &summary.edge_checksum));
    return summary;
}

}  // namespace deed::bench
