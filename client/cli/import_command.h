#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/cli/command.h"
#include "engine/base/result.h"
#include "engine/storage/import/options.h"

namespace deed::cli {

/// `deed import`: makes a store of text files, with the headers and most options of Neo4j's
/// `neo4j-admin database import full`, or sends their rows to a running server.
class ImportCommand final : public Command {
 public:
    [[nodiscard]] std::string name() const override { return "import"; }
    [[nodiscard]] std::string summary() const override {
        return "make a graph of CSV files, millions of rows a second";
    }
    void declare(CLI::App& app) override;
    int run() override;

 private:
    void declare_format_flags(CLI::App& app);
    void declare_fault_flags(CLI::App& app);
    Result<storage::importer::ImportOptions> options() const;
    int run_offline(const storage::importer::ImportOptions& options) const;
    int run_online(const storage::importer::ImportOptions& options) const;

    storage::importer::ImportOptions options_;  // what flags are read into as they are
    std::vector<std::string> nodes_;
    std::vector<std::string> relationships_;
    std::string delimiter_ = ",";
    std::string array_delimiter_ = ";";
    std::string quote_ = "\"";
    std::string id_type_;
    std::string path_patterns_ = "glob";
    std::string memory_;
    std::string server_;
};

}  // namespace deed::cli
