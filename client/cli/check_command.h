#pragma once

#include "client/cli/command.h"

namespace deed::cli {

/// `deed check`: reads a whole store, or asks a running server, and says whether the graph agrees
/// with itself: out- with in-lists, relationships with nodes, counts with recounts.
class CheckCommand final : public Command {
 public:
    [[nodiscard]] std::string name() const override { return "check"; }
    [[nodiscard]] std::string summary() const override {
        return "read everything and say whether the graph is whole";
    }
    void declare(CLI::App& app) override;
    int run() override;

 private:
    int run_offline() const;
    int run_online() const;

    std::string data_dir_;
    std::string server_;
    double timeout_seconds_ = 3600;
};

}  // namespace deed::cli
