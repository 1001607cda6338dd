#pragma once

#include <grpcpp/impl/service_type.h>
#include <memory>

#include "server/grpc/call_context.h"

/// The services of package deed.v1, ready to be registered with a gRPC server. `services` outlives
/// them and every call.
namespace deed::server {

std::unique_ptr<grpc::Service> make_graph_service(const Services& services);
std::unique_ptr<grpc::Service> make_admin_service(const Services& services);

}  // namespace deed::server
