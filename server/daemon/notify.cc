#include "server/daemon/notify.h"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace deed::server {

void notify_manager(std::string_view message) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const size_t length = std::strlen(path);
    if (length >= sizeof(address.sun_path)) return;
    std::memcpy(address.sun_path, path, length);
    // A name in the abstract space is written with '@' for its leading zero.
    if (path[0] == '@') address.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    // A manager that does not listen is no reason to fail.
    static_cast<void>(sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address),
                             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length)));
    close(fd);
}

std::chrono::microseconds watchdog_period() {
    const auto number_of = [](const char* name) -> int64_t {
        const char* text = std::getenv(name);
        int64_t number = 0;
        if (text != nullptr) std::from_chars(text, text + std::strlen(text), number);
        return number;
    };
    // The variables are inherited by children; WATCHDOG_PID says for whom they are.
    const int64_t pid = number_of("WATCHDOG_PID");
    if (pid != 0 && pid != getpid()) return std::chrono::microseconds{0};
    return std::chrono::microseconds{number_of("WATCHDOG_USEC")};
}

}  // namespace deed::server
