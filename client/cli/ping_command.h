#pragma once

#include "client/cli/command.h"

namespace deed::cli {

/// `deed ping`: is a server there, does it serve, and how fast does it answer. For shell scripts
/// and container health checks.
class PingCommand final : public Command {
 public:
    [[nodiscard]] std::string name() const override { return "ping"; }
    [[nodiscard]] std::string summary() const override {
        return "ask a server whether it serves, and how fast it answers";
    }
    void declare(CLI::App& app) override;
    int run() override;

 private:
    std::string server_ = "127.0.0.1:7687";
    double timeout_seconds_ = 5;
};

}  // namespace deed::cli
