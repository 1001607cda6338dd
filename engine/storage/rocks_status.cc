#include "engine/storage/internal/rocks_status.h"

#include <string>

namespace deed::storage {

Error rocks_error(const rocksdb::Status& status, std::string_view doing) {
    const std::string message = std::string(doing) + ": " + status.ToString();
    if (status.IsNotFound()) return {ErrorCode::kNotFound, "KEY_NOT_FOUND", message};
    if (status.IsNoSpace())
        return {ErrorCode::kDiskFull, "DISK_FULL",
                message + "; free some space, then the same call succeeds"};
    if (status.IsCorruption()) return {ErrorCode::kCorruption, "STORE_DAMAGED", message};
    if (status.IsPathNotFound()) return {ErrorCode::kCorruption, "FILE_MISSING", message};
    if (status.IsIOError()) return {ErrorCode::kIoError, "IO_ERROR", message};
    if (status.IsShutdownInProgress()) return {ErrorCode::kUnavailable, "STORE_CLOSING", message};
    if (status.IsInvalidArgument()) return {ErrorCode::kInvalidArgument, "STORE_ARGUMENT", message};
    return {ErrorCode::kInternal, "STORE_INTERNAL", message};
}

}  // namespace deed::storage
