#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "client/cli/check_command.h"
#include "client/cli/command.h"
#include "client/cli/import_command.h"
#include "client/cli/ping_command.h"
#include "client/cli/recover_command.h"
#include "client/cli/stats_command.h"
#include "client/cli/suggestion.h"

namespace deed::cli {
namespace {

/// Every subcommand, in the order of `deed --help`. A new one is a file pair and a line here.
std::vector<std::unique_ptr<Command>> all_commands() {
    std::vector<std::unique_ptr<Command>> commands;
    commands.push_back(std::make_unique<PingCommand>());
    commands.push_back(std::make_unique<StatsCommand>());
    commands.push_back(std::make_unique<ImportCommand>());
    commands.push_back(std::make_unique<CheckCommand>());
    commands.push_back(std::make_unique<RecoverCommand>());
    return commands;
}

std::string did_you_mean(const std::string& typed, const std::vector<std::string>& candidates) {
    const auto meant = suggestion(typed, candidates);
    return meant ? fmt::format("; did you mean {}?", *meant) : std::string();
}

/// Every long flag of a command, with its dashes.
std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            flags.push_back("--" + name);
        }
    }
    return flags;
}

int complain_about_extras(const CLI::App& app) {
    const std::vector<std::string> extras = app.remaining();
    const std::string typed = extras.empty() ? std::string() : extras.front();
    const std::string flag = typed.substr(0, typed.find('='));
    const bool is_flag = typed.starts_with("-");
    fmt::print(stderr, "deed {}: unknown {} {}{}\nSee deed {} --help\n", app.get_name(),
               is_flag ? "flag" : "argument", is_flag ? flag : typed,
               is_flag ? did_you_mean(flag, flags_of(app)) : "", app.get_name());
    return kExitUsage;
}

/// What CLI11 found wrong with a flag's value, said in the name of the command that was typed.
int complain_about_value(const std::string& command, const CLI::ParseError& error) {
    fmt::print(stderr, "{}: {}\nSee {} --help\n", command, error.what(), command);
    return kExitUsage;
}

/// The word that stands where a command should, when it is none.
int complain_about_command(const std::string& typed,
                           const std::vector<std::unique_ptr<Command>>& commands) {
    std::vector<std::string> names;
    std::transform(commands.begin(), commands.end(), std::back_inserter(names),
                   [](const auto& command) { return command->name(); });
    fmt::print(stderr, "deed: there is no command {}{}\nSee deed --help\n", typed,
               did_you_mean(typed, names));
    return kExitUsage;
}

int parse_and_run(int argc, char** argv) {
    const auto commands = all_commands();
    CLI::App app("Deed, a graph database: the command line", "deed");
    app.set_version_flag("--version", "deed " DEED_VERSION);
    app.footer(
        "Each command has its own help: deed ping --help\n"
        "Exit codes: 0 good, 1 failed, 2 damage found, 64 wrong usage.");
    std::vector<CLI::App*> apps;
    for (const auto& command : commands) {
        apps.push_back(app.add_subcommand(command->name(), command->summary()));
        command->declare(*apps.back());
    }
    const std::string first = argc > 1 ? argv[1] : "--help";
    const bool is_command = std::any_of(commands.begin(), commands.end(), [&](const auto& command) {
        return command->name() == first;
    });
    if (!is_command && !first.starts_with("-")) {
        return complain_about_command(first, commands);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ExtrasError&) {
        for (const CLI::App* each : apps) {
            if (each->parsed()) {
                return complain_about_extras(*each);
            }
        }
        fmt::print(stderr, "deed: unknown flag {}\nSee deed --help\n", first);
        return kExitUsage;
    } catch (const CLI::ParseError& error) {
        // --help and --version arrive here too.
        if (error.get_exit_code() == 0) return app.exit(error);
        return complain_about_value(is_command ? "deed " + first : "deed", error);
    }
    for (size_t i = 0; i < commands.size(); ++i) {
        if (apps[i]->parsed()) {
            return commands[i]->run();
        }
    }
    fmt::print("{}", app.help());
    return argc > 1 ? kExitGood : kExitUsage;
}

}  // namespace
}  // namespace deed::cli

int main(int argc, char** argv) {
    return deed::cli::parse_and_run(argc, argv);
}
