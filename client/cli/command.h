#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}  // namespace CLI

namespace deed {
class Error;
}  // namespace deed

namespace deed::cli {

/// What `deed` says to the shell.
enum ExitCode : int {
    kExitGood = 0,
    kExitFailed = 1,  // the message on standard error says what and where
    kExitFaults = 2,  // `check`: the store or the graph is damaged
    kExitUsage = 64,  // an unknown command or flag, a value that cannot be read
};

/// One subcommand of `deed`: a file pair, listed in main.cc.
///
///     declared --parse good--> run
///              \--parse failed--> never run
///
/// Thread safety: one thread. Lifetime: outlives the CLI::App that `declare` was given, which keeps
/// references to the members that flags are read into.
class Command {
 public:
    virtual ~Command() = default;

    /// As it is typed: "ping".
    [[nodiscard]] virtual std::string name() const = 0;
    /// One line for `deed --help`.
    [[nodiscard]] virtual std::string summary() const = 0;
    /// Declares the flags, and a footer with an example.
    virtual void declare(CLI::App& app) = 0;
    /// Does the work; answers go to standard output, complaints to standard error. Returns an
    /// ExitCode.
    virtual int run() = 0;
};

/// Writes "deed <command>: <message>" to standard error; returns kExitFailed.
int complain(std::string_view command, std::string_view message);
/// The same for a failure of the engine; kExitFaults where stored bytes are damaged.
int complain(std::string_view command, const Error& error);

}  // namespace deed::cli
