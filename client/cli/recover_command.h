#pragma once

#include "client/cli/command.h"

namespace deed::cli {

/// `deed recover`: opens a store whose log is damaged by giving up the commits that are lost, and
/// writes the rest anew. Does nothing before the user has said that losing data is accepted.
class RecoverCommand final : public Command {
 public:
    [[nodiscard]] std::string name() const override { return "recover"; }
    [[nodiscard]] std::string summary() const override {
        return "open a store whose log is damaged, giving up the commits that are lost";
    }
    void declare(CLI::App& app) override;
    int run() override;

 private:
    std::string data_dir_;
    bool accept_data_loss_ = false;
};

}  // namespace deed::cli
