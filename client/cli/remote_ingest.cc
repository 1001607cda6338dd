#include "client/cli/remote_ingest.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <vector>

#include <deed/v1/graph.grpc.pb.h>

namespace deed::cli {
namespace {

constexpr int kBatchItems = 5000;
constexpr uint64_t kUnansweredMax = 2;  // as many as the server takes before it answers
constexpr uint64_t kRefused = UINT64_MAX;

using value::Type;

void to_wire(const value::Value& value, v1::Value& wire);

void temporal_to_wire(const value::Value& value, v1::Value& wire) {
    switch (value.type()) {
        case Type::kDate:
            wire.mutable_date()->set_days(value.as_date().days);
            return;
        case Type::kTime: {
            const value::Time time = value.as_time();
            wire.mutable_time()->set_nanoseconds(static_cast<uint64_t>(time.nanos_of_day));
            wire.mutable_time()->set_offset_seconds(time.offset_seconds);
            return;
        }
        case Type::kLocalTime:
            wire.mutable_local_time()->set_nanoseconds(
                static_cast<uint64_t>(value.as_local_time().nanos_of_day));
            return;
        case Type::kDateTime: {
            const value::DateTime& moment = value.as_date_time();
            v1::DateTime& out = *wire.mutable_date_time();
            out.set_epoch_seconds(moment.seconds);
            out.set_nanoseconds(static_cast<uint32_t>(moment.nanos));
            out.set_offset_seconds(moment.offset_seconds);
            out.set_zone(std::string(moment.zone.view()));
            return;
        }
        case Type::kLocalDateTime: {
            const value::LocalDateTime moment = value.as_local_date_time();
            wire.mutable_local_date_time()->set_epoch_seconds(moment.seconds);
            wire.mutable_local_date_time()->set_nanoseconds(static_cast<uint32_t>(moment.nanos));
            return;
        }
        default:
            break;
    }
    const value::Duration& duration = value.as_duration();
    v1::Duration& out = *wire.mutable_duration();
    out.set_months(duration.months);
    out.set_days(duration.days);
    out.set_seconds(duration.seconds);
    out.set_nanoseconds(duration.nanos);
}

/// Import makes no bytes, maps and vectors.
void to_wire(const value::Value& value, v1::Value& wire) {
    switch (value.type()) {
        case Type::kBoolean:
            wire.set_boolean(value.as_boolean());
            return;
        case Type::kInteger:
            wire.set_integer(value.as_integer());
            return;
        case Type::kFloat:
            wire.set_float_(value.as_float());
            return;
        case Type::kString:
            wire.set_string(std::string(value.as_string()));
            return;
        case Type::kList:
            wire.mutable_list();
            for (const value::Value& element : value.as_list())
                to_wire(element, *wire.mutable_list()->add_elements());
            return;
        case Type::kPoint: {
            const value::Point& point = value.as_point();
            wire.mutable_point()->set_srid(static_cast<uint32_t>(point.srid()));
            wire.mutable_point()->set_x(point.x());
            wire.mutable_point()->set_y(point.y());
            wire.mutable_point()->set_z(point.z());
            return;
        }
        case Type::kNull:
        case Type::kBytes:
        case Type::kMap:
        case Type::kVector:
            wire.set_null(v1::NULL_VALUE);
            return;
        default:
            temporal_to_wire(value, wire);
    }
}

template <class Map>
void properties_to_wire(const storage::importer::RowProperties& properties, Map& map) {
    for (const auto& [name, value] : properties) to_wire(value, map[std::string(name)]);
}

}  // namespace

struct RemoteIngest::Impl {
    explicit Impl(const std::string& where) : address(where) {
        grpc::ChannelArguments arguments;
        arguments.SetMaxReceiveMessageSize(-1);
        stub = v1::GraphService::NewStub(
            grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
        stream = stub->Ingest(&context);
    }

    /// The stream's own failure, once nothing more can be sent or read.
    Error broken() {
        const grpc::Status status = stream->Finish();
        closed = true;
        return {ErrorCode::kUnavailable, "IMPORT_SERVER",
                fmt::format("{}: {}", address,
                            status.ok() ? "the server ended the stream" : status.error_message())};
    }

    Status take_answer() {
        v1::IngestResponse answer;
        if (!stream->Read(&answer)) return broken();
        --unanswered;
        if (answer.has_error())
            return Error(
                ErrorCode::kFailedPrecondition, answer.error().reason(),
                fmt::format("{}: a batch was refused: {}", address, answer.error().message()));
        accepted += answer.nodes_accepted() + answer.edges_accepted();
        if (answer.refused() > 0)
            return Error(
                ErrorCode::kFailedPrecondition,
                answer.refusals_size() > 0 ? answer.refusals(0).reason() : "IMPORT_REFUSED",
                fmt::format("{}: {} rows were refused, the first: {}", address, answer.refused(),
                            answer.refusals_size() > 0 ? answer.refusals(0).message() : ""));
        for (const uint64_t id : answer.node_ids()) {
            if (id != kRefused) node_ids.push_back(id);
        }
        return {};
    }

    Status send() {
        if (batch.nodes_size() + batch.edges_size() == 0) return {};
        batch.set_sequence(++sequence);
        if (!stream->Write(batch)) return broken();
        batch.Clear();
        ++unanswered;
        while (unanswered >= kUnansweredMax) DEED_RETURN_IF_ERROR(take_answer());
        return {};
    }

    Status take_all_answers() {
        DEED_RETURN_IF_ERROR(send());
        while (unanswered > 0) DEED_RETURN_IF_ERROR(take_answer());
        return {};
    }

    std::string address;
    grpc::ClientContext context;
    std::unique_ptr<v1::GraphService::Stub> stub;
    std::unique_ptr<grpc::ClientReaderWriter<v1::IngestRequest, v1::IngestResponse>> stream;
    v1::IngestRequest batch;
    std::vector<uint64_t> node_ids;  // the server's number of each node, in the order of the input
    uint64_t sequence = 0;
    uint64_t unanswered = 0;
    uint64_t accepted = 0;
    bool closed = false;
};

RemoteIngest::RemoteIngest(const std::string& address) : impl_(std::make_unique<Impl>(address)) {}

RemoteIngest::~RemoteIngest() {
    if (impl_->closed) return;
    impl_->context.TryCancel();
    (void)impl_->stream->Finish();
}

Status RemoteIngest::on_node(std::span<const std::string_view> labels,
                             const storage::importer::RowProperties& properties) {
    v1::IngestNode& node = *impl_->batch.add_nodes();
    for (const std::string_view label : labels) node.add_labels(std::string(label));
    properties_to_wire(properties, *node.mutable_properties());
    return impl_->batch.nodes_size() < kBatchItems ? Status() : impl_->send();
}

Status RemoteIngest::on_nodes_end() {
    return impl_->take_all_answers();
}

Status RemoteIngest::on_relationship(uint64_t start, uint64_t end, std::string_view type,
                                     const storage::importer::RowProperties& properties) {
    v1::IngestEdge& edge = *impl_->batch.add_edges();
    edge.mutable_start()->set_id(impl_->node_ids.at(start));
    edge.mutable_end()->set_id(impl_->node_ids.at(end));
    edge.set_type(std::string(type));
    properties_to_wire(properties, *edge.mutable_properties());
    return impl_->batch.edges_size() < kBatchItems ? Status() : impl_->send();
}

Status RemoteIngest::finish() {
    DEED_RETURN_IF_ERROR(impl_->take_all_answers());
    impl_->stream->WritesDone();
    const grpc::Status status = impl_->stream->Finish();
    impl_->closed = true;
    if (status.ok()) return {};
    return Error(ErrorCode::kUnavailable, "IMPORT_SERVER",
                 fmt::format("{}: {}", impl_->address, status.error_message()));
}

uint64_t RemoteIngest::accepted() const {
    return impl_->accepted;
}

}  // namespace deed::cli
