#include <optional>
#include <string>
#include <utility>

#include "server/grpc/entity_convert.h"
#include "server/grpc/stream_calls.h"
#include "server/grpc/value_convert.h"

namespace deed::server::calls {
namespace {

constexpr uint32_t kPageSizeDefault = 1024;
/// A message is cut here, well below the 4 MiB that clients take unless told otherwise.
constexpr size_t kChunkBytesMax = 1 << 20;
/// A page token: this letter, then the last node's id in eight bytes, big-endian.
constexpr char kTokenVersion = 'a';
constexpr size_t kTokenBytes = 9;

std::string token_of(NodeId after) {
    std::string token(1, kTokenVersion);
    for (int shift = 56; shift >= 0; shift -= 8) {
        token.push_back(static_cast<char>((after.raw() >> shift) & 0xFF));
    }
    return token;
}

Result<NodeId> node_of_token(std::string_view token) {
    if (token.empty()) return NodeId::invalid();
    if (token.size() != kTokenBytes || token.front() != kTokenVersion) {
        return Error(ErrorCode::kInvalidArgument, "PAGE_TOKEN_MALFORMED",
                     "this page token was not made by ScanCollection; pass the one of the chunk to "
                     "go on behind, or none",
                     "page_token");
    }
    uint64_t raw = 0;
    for (const char c : token.substr(1)) raw = (raw << 8) | static_cast<unsigned char>(c);
    return NodeId(raw);
}

Result<api::ScanOptions> options_of(const CallContext& call,
                                    const v1::ScanCollectionRequest& request) {
    api::ScanOptions options;
    options.label = request.label();
    options.projection = strings_from_wire(request.projection());
    options.all_properties = !request.only_projection() && request.projection_size() == 0;
    DEED_RETURN_IF_ERROR(check_limit("scan_filters", static_cast<uint64_t>(request.filters_size()),
                                     call.limits().scan_filters, "filters"));
    for (int i = 0; i < request.filters_size(); ++i) {
        auto filter = filter_from_wire(request.filters(i));
        if (!filter.ok()) {
            return within_field(std::move(filter).error(), "filters[" + std::to_string(i) + "]");
        }
        options.filters.push_back(std::move(filter).value());
    }
    DEED_RETURN_IF_ERROR(
        check_limit("batch_items", request.page_size(), call.limits().batch_items, "page_size"));
    options.page_size = request.page_size() == 0 ? kPageSizeDefault : request.page_size();
    DEED_ASSIGN_OR_RETURN(options.after, node_of_token(request.page_token()));
    return options;
}

/// Sends one page or a piece of it, in several messages where it is large. False: nobody reads on.
bool send_page(const api::ScanPage& page, bool last, const ScanSink& sink) {
    v1::ScanCollectionChunk chunk;
    size_t bytes = 0;
    for (size_t i = 0; i < page.nodes.size(); ++i) {
        auto* wire = chunk.add_nodes();
        node_to_wire(page.nodes[i], wire);
        bytes += wire->ByteSizeLong();
        if (bytes < kChunkBytesMax || i + 1 == page.nodes.size()) continue;
        chunk.set_page_token(token_of(page.nodes[i].id));
        if (!sink(chunk)) return false;
        chunk.Clear();
        bytes = 0;
    }
    if (!last) chunk.set_page_token(token_of(page.next));
    return sink(chunk);
}

}  // namespace

Status scan_collection(CallContext& call, const v1::ScanCollectionRequest& request,
                       const ScanSink& sink) {
    DEED_ASSIGN_OR_RETURN(auto options, options_of(call, request));
    std::optional<api::Transaction> own;
    if (request.one_snapshot() && request.transaction().empty()) {
        DEED_ASSIGN_OR_RETURN(auto begun, call.services().database.begin({.read_only = true}));
        own.emplace(std::move(begun));
    }
    // A page may be far larger than memory allows while its reader is slow: it is made in pieces.
    options.page_bytes = kPieceBytes;
    const uint32_t page_size = options.page_size;
    for (uint32_t pages = 1;;) {
        DEED_RETURN_IF_ERROR(call.check_stop());
        api::ScanPage page;
        const auto read_page = [&](api::Transaction& txn) -> Status {
            DEED_ASSIGN_OR_RETURN(page, txn.scan(options, call.stop()));
            return {};
        };
        // The turn in the caller's transaction, or the snapshot, is held while a page is made and
        // not while the reader takes it.
        DEED_RETURN_IF_ERROR(own.has_value() ? read_page(*own)
                                             : call.read(request.transaction(), read_page));
        const bool last = !page.next.valid();
        if (!send_page(page, last, sink)) return {};
        if (last) return {};
        options.after = page.next;
        options.page_size -= static_cast<uint32_t>(page.nodes.size());
        if (options.page_size > 0) continue;
        if (pages++ == request.pages_max()) return {};
        options.page_size = page_size;
    }
}

}  // namespace deed::server::calls
