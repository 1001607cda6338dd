#include "client/cli/import_command.h"

#include <chrono>
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "client/cli/import_progress.h"
#include "client/cli/remote.h"
#include "client/cli/remote_ingest.h"
#include "client/cli/server_flags.h"
#include "engine/storage/import/option_text.h"

namespace deed::cli {

namespace importer = storage::importer;

namespace {

constexpr std::chrono::milliseconds kReachable{5000};

constexpr const char* kFooter =
    R"(The files have the headers that neo4j-admin database import reads. The first line of a
group's first file names the columns:
  nodes           id:ID(Person)  name  age:int  tags:string[]  :LABEL
  relationships   :START_ID(Person)  :END_ID(Person)  since:date  :TYPE
Types: byte short int long float double boolean char string point date localtime time
localdatetime datetime duration, each also as a list: type[]. A column :IGNORE is left out.
time and datetime take {timezone:+02:00}, point takes {crs:WGS-84}, an :ID {id-type:int}. An empty
field is an absent property. The id is kept as the property that the header names before :ID.
Between semicolons, lists need another separator: --delimiter=';' --array-delimiter='|'.

--no-header: the files are bare. Nodes: an id, kept as the property id (an integer where all ids
are whole numbers), then property1, property2 ... Relationships: start, end, property1 ...
--header names the columns of bare files instead:
  --header 'source:START_ID,target:END_ID,rating:int,time:double'

The graph is made whole or not at all: the first bad line ends the import with file, line, column
and fault, unless --max-bad allows some.

Examples:
  deed import --data-dir data --nodes=Person=people.csv --relationships=KNOWS=knows.csv.gz
  deed import --data-dir data --delimiter='|' --nodes=Person=h.csv,'p*.csv' --relationships=k.csv
  deed import --data-dir data --no-header --nodes=User=ids.csv --relationships=VOTED=edges.csv)";

}  // namespace

void ImportCommand::declare(CLI::App& app) {
    app.add_option("--data-dir", options_.data_dir,
                   "where the graph is made: absent, empty, or a store without a graph");
    app.add_option("--server", server_,
                   "HOST:PORT of a server that runs; its graph gets the rows instead, in batches");
    app.add_option("--nodes", nodes_, "[Label[:Label]...=]file[,file...]; once per group of files")
        ->allow_extra_args(false);
    app.add_option("--relationships", relationships_,
                   "[TYPE=]file[,file...]; once per group of files")
        ->allow_extra_args(false);
    declare_format_flags(app);
    declare_fault_flags(app);
    app.add_option("--threads", options_.threads, "threads; default: one per core");
    app.add_option("--memory,--max-off-heap-memory", memory_,
                   "memory before temporary files are used: 512M, 20G, 70%; default: 50%");
    app.footer(kFooter);
}

void ImportCommand::declare_format_flags(CLI::App& app) {
    app.add_flag("--no-header", options_.no_header, "the files hold data only, no header lines");
    app.add_option("--header", options_.headers,
                   "a header line for files that have none; once for nodes, once for relationships")
        ->allow_extra_args(false);
    app.add_option("--delimiter", delimiter_,
                   "between fields: a character, TAB, \\t, U+007C or \\124; default ,");
    app.add_option("--array-delimiter", array_delimiter_, "between elements of lists; default ;");
    app.add_option("--quote", quote_, "around fields; none: no character quotes; default \"");
    app.add_flag("--multiline-fields", options_.dialect.multiline_fields,
                 "quoted fields may hold line ends (slower: one thread cuts the file)");
    app.add_option("--id-type", id_type_,
                   "how ids are read and stored: string, integer, actual (as integer)");
    app.add_flag("--ignore-empty-strings", options_.ignore_empty_strings,
                 "\"\" is an absent property, not an empty string");
    app.add_flag("--ignore-extra-columns", options_.ignore_extra_columns,
                 "fields behind the last column of the header are left out");
    app.add_flag("--trim-strings", options_.trim_strings, "strings lose blanks at both ends");
    app.add_flag(
        "--normalize-types", options_.normalize_types,
        "byte, short and int are 64-bit integers (default); =false: their range is checked");
    app.add_flag("--auto-skip-subsequent-headers", options_.auto_skip_subsequent_headers,
                 "skip the header line where further files of a group repeat it");
    app.add_option("--path-pattern-style", path_patterns_,
                   "how file names with wildcards are read: glob (default), regex, none");
}

void ImportCommand::declare_fault_flags(CLI::App& app) {
    app.add_flag("--skip-duplicate-nodes", options_.skip_duplicate_nodes,
                 "keep the first of nodes with one id");
    app.add_flag("--skip-bad-relationships", options_.skip_bad_relationships,
                 "leave out relationships whose start or end is not there");
    app.add_option("--bad-tolerance", options_.bad_tolerance,
                   "rows that these two flags may leave out; default 1000");
    app.add_option("--max-bad", options_.max_bad,
                   "lines with any other fault that may be left out; default 0");
    app.add_option("--bad-lines,--report-file", options_.bad_lines,
                   "file that gets every line left out, with place and fault");
}

Result<importer::ImportOptions> ImportCommand::options() const {
    importer::ImportOptions options = options_;
    for (const std::string& text : nodes_) {
        DEED_ASSIGN_OR_RETURN(importer::InputGroup group, importer::parse_group(text, "--nodes"));
        options.nodes.push_back(std::move(group));
    }
    for (const std::string& text : relationships_) {
        DEED_ASSIGN_OR_RETURN(importer::InputGroup group,
                              importer::parse_group(text, "--relationships"));
        options.relationships.push_back(std::move(group));
    }
    DEED_ASSIGN_OR_RETURN(options.dialect.delimiter,
                          importer::parse_character(delimiter_, "--delimiter"));
    DEED_ASSIGN_OR_RETURN(options.dialect.array_delimiter,
                          importer::parse_character(array_delimiter_, "--array-delimiter"));
    options.dialect.quoting = quote_ != "none" && !quote_.empty();
    if (options.dialect.quoting) {
        DEED_ASSIGN_OR_RETURN(options.dialect.quote, importer::parse_character(quote_, "--quote"));
    }
    if (!id_type_.empty()) {
        DEED_ASSIGN_OR_RETURN(options.id_type, importer::parse_id_type(id_type_));
    }
    DEED_ASSIGN_OR_RETURN(options.path_patterns, importer::parse_path_patterns(path_patterns_));
    if (!memory_.empty()) {
        DEED_ASSIGN_OR_RETURN(options.memory_bytes, importer::parse_memory(memory_, "--memory"));
    }
    return options;
}

int ImportCommand::run() {
    const auto wanted = options();
    if (!wanted.ok()) {
        complain(name(), wanted.error());
        return kExitUsage;
    }
    if (wanted->data_dir.empty() == server_.empty()) {
        complain(name(),
                 "say where the graph is to be made: --data-dir DIR, or --server HOST:PORT");
        return kExitUsage;
    }
    return server_.empty() ? run_offline(*wanted) : run_online(*wanted);
}

int ImportCommand::run_online(const importer::ImportOptions& options) const {
    const auto address = parse_address(server_);
    if (!address.ok()) {
        return complain(name(), address.error());
    }
    // Said before any file is read, and in the words of the other commands.
    if (const auto answer = Remote(*address, kReachable).ping(); !answer.ok()) {
        return complain(name(), answer.error());
    }
    RemoteIngest ingest(*address);
    ImportProgressBar bar;
    const auto summary = importer::read_rows(
        options, ingest, [&bar](const importer::ImportProgress& progress) { bar.show(progress); });
    const Status sent = summary.ok() ? ingest.finish() : Status(summary.error());
    if (!sent.ok()) {
        complain(name(), sent.error());
        fmt::print(stderr,
                   "{} nodes and relationships had been accepted by {} before and stay there\n",
                   ingest.accepted(), *address);
        return kExitFailed;
    }
    fmt::print("imported into {}: nodes={} relationships={} properties={} bad={}\n", *address,
               summary->nodes, summary->relationships, summary->properties, summary->bad);
    return kExitGood;
}

int ImportCommand::run_offline(const importer::ImportOptions& options) const {
    Result<importer::ImportSummary> summary = [&] {
        ImportProgressBar bar;
        return importer::run_import(
            options, [&bar](const importer::ImportProgress& progress) { bar.show(progress); });
    }();
    if (!summary.ok()) {
        return complain(name(), summary.error());
    }
    fmt::print("{}", summary_text(*summary, options.data_dir));
    return kExitGood;
}

}  // namespace deed::cli
