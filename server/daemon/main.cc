#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "server/daemon/config.h"
#include "server/daemon/daemon.h"

namespace {

using deed::server::Config;
using deed::server::ExitCode;

/// What the command line says; flags that were not given are empty.
struct CommandLine {
    std::string config_file;
    // Flag by flag: the setting that it stands for, and the value given.
    std::vector<std::pair<std::string, std::string>> settings;
    bool check_config = false;
};

void add_flags(CLI::App* app, CommandLine* line) {
    app->add_option("--config", line->config_file, "configuration file (TOML)");
    // The last of several counts, so that a script can append to a given command.
    const auto stands_for = [&](const char* flag, const char* setting, const char* help) {
        app->add_option_function<std::string>(
               flag,
               [line, setting](const std::string& value) {
                   line->settings.emplace_back(setting, value);
               },
               help)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    };
    stands_for("--data-dir", "storage.data_dir", "directory of the database");
    stands_for("--listen", "server.listen", "address and port; port 0 takes a free one");
    stands_for("--durability", "storage.durability", "sync, interval or none");
    stands_for("--log-level", "log.level", "trace, debug, info, warn or error");
    stands_for("--log-format", "log.format", "text or json");
    stands_for("--log-file", "log.file", "file to log to, instead of standard error");
    app->add_flag_callback(
        "--insecure-no-auth",
        [line] { line->settings.emplace_back("server.insecure_no_auth", "true"); },
        "serve without authentication, on this machine only");
    app->add_option_function<std::vector<std::string>>(
           "--set",
           [line](const std::vector<std::string>& pairs) {
               for (const auto& pair : pairs) {
                   const size_t equals = pair.find('=');
                   if (equals == std::string::npos) {
                       throw CLI::ValidationError("--set", "write key=value, not \"" + pair + "\"");
                   }
                   line->settings.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
               }
           },
           "any other setting: --set limits.batch_items=1000")
        ->allow_extra_args(false)
        ->type_name("KEY=VALUE");
    app->add_flag("--check-config", line->check_config,
                  "read the configuration, say what is wrong with it, and end");
    app->set_version_flag("--version", "deed-server " DEED_VERSION);
}

int complain(const CLI::App& app, const CLI::ParseError& fault) {
    std::string wrong = fault.what();
    // The first that was not understood says more than the list of them all.
    const std::vector<std::string> unknown = app.remaining();
    const auto flag = std::find_if(unknown.begin(), unknown.end(),
                                   [](const std::string& word) { return word.starts_with("-"); });
    if (flag != unknown.end()) {
        wrong = "there is no flag " + *flag + "; settings without a flag are set with --set";
    } else if (!unknown.empty()) {
        wrong = "unknown argument " + unknown.front() + "; a directory is given with --data-dir";
    }
    std::fprintf(stderr, "deed-server: %s\nSee deed-server --help\n", wrong.c_str());
    return static_cast<int>(ExitCode::kConfig);
}

deed::Status read_config(const CommandLine& line, Config* config) {
    if (!line.config_file.empty()) {
        DEED_RETURN_IF_ERROR(deed::server::load_config_file(line.config_file, config));
    }
    for (const auto& [key, value] : line.settings) {
        DEED_RETURN_IF_ERROR(deed::server::set_from_text(key, value, config));
    }
    return deed::server::validate(*config);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The Deed graph database server.", "deed-server");
    CommandLine line;
    add_flags(&app, &line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& fault) {
        // --help and --version arrive here too.
        if (fault.get_exit_code() == 0) return app.exit(fault);
        return complain(app, fault);
    }
    Config config;
    if (auto read = read_config(line, &config); !read.ok()) {
        std::fprintf(stderr, "deed-server: %s\n", read.error().message().c_str());
        return static_cast<int>(ExitCode::kConfig);
    }
    if (line.check_config) {
        std::puts("deed-server: the configuration is good");
        return 0;
    }
    return static_cast<int>(deed::server::run_daemon(config));
}
