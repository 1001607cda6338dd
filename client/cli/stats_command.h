#pragma once

#include "client/cli/command.h"

namespace deed::cli {

/// `deed stats`: counts, memory and disk of a running server, as text or as JSON.
class StatsCommand final : public Command {
 public:
    [[nodiscard]] std::string name() const override { return "stats"; }
    [[nodiscard]] std::string summary() const override {
        return "show what a server holds: counts, memory, disk, transactions";
    }
    void declare(CLI::App& app) override;
    int run() override;

 private:
    std::string server_ = "127.0.0.1:7687";
    double timeout_seconds_ = 30;
    bool json_ = false;
};

}  // namespace deed::cli
