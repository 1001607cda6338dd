#pragma once

#include <chrono>
#include <string_view>

/// Messages to the service manager (systemd), by its datagram protocol: no library is needed, and
/// where `NOTIFY_SOCKET` is not set nothing happens. Any thread.
namespace deed::server {

/// "READY=1", "STOPPING=1", "WATCHDOG=1"; several lines may be sent at once.
void notify_manager(std::string_view message);

/// How often the manager wants to hear "WATCHDOG=1"; 0 where it does not ask.
std::chrono::microseconds watchdog_period();

}  // namespace deed::server
