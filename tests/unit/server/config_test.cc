#include "server/daemon/config.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <set>
#include <sstream>

namespace deed::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string message_of(const Status& status) {
    return status.ok() ? "(ok)" : status.error().message();
}

std::string fault_of(std::string_view text) {
    Config config;
    return message_of(load_config_text(text, "t.toml", &config));
}

TEST(Config, AFileIsLaidOverTheDefaults) {
    Config config;
    ASSERT_TRUE(load_config_text(R"(
        [server]
        listen = "127.0.0.1:0"
        insecure_no_auth = true
        [storage]
        durability = "interval"
        durability_interval = "50ms"
        block_cache = "1GiB"
        [limits]
        batch_items = 10
        [shutdown]
        grace = "5s"
    )",
                                 "t.toml", &config)
                    .ok());
    EXPECT_EQ(config.listen, "127.0.0.1:0");
    EXPECT_EQ(config.database.durability, api::Durability::kInterval);
    EXPECT_EQ(config.database.durability_interval.count(), 50);
    EXPECT_EQ(config.database.block_cache_bytes, 1ULL << 30);
    EXPECT_EQ(config.limits.batch_items, 10U);
    EXPECT_EQ(config.limits.traversal_depth, Limits().traversal_depth);
    EXPECT_EQ(config.shutdown_grace.count(), 5000);
    EXPECT_TRUE(validate(config).ok());
}

TEST(Config, AnUnknownKeyIsNamedWithTheNearestKnownOne) {
    EXPECT_THAT(fault_of("[limits]\nbatch_itms = 1\n"),
                AllOf(HasSubstr("t.toml, line 2"), HasSubstr("\"limits.batch_itms\""),
                      HasSubstr("did you mean \"limits.batch_items\"?")));
    EXPECT_THAT(fault_of("[storage]\ngrace = \"1s\"\n"), HasSubstr("\"shutdown.grace\""));
    EXPECT_THAT(fault_of("[zzzzzz]\nqqqqqqqqqq = 1\n"), HasSubstr("lists all"));
    EXPECT_THAT(fault_of("[limits.deeper]\nbatch_items = 1\n"), HasSubstr("limits.deeper"));
    EXPECT_THAT(fault_of("batch_items = 1\n"), HasSubstr("limits.batch_items"));
}

TEST(Config, ABadValueNamesKeyValueAndWhatIsAllowed) {
    const std::pair<const char*, std::vector<std::string>> cases[] = {
        {"[limits]\nbatch_items = 0", {"limits.batch_items = 0", "from 1 to"}},
        {"[limits]\nbatch_items = \"many\"", {"\"many\"", "a whole number"}},
        {"[limits]\nbatch_items = -5", {"-5", "a whole number"}},
        {"[limits]\nbatch_items = 1.5", {"1.5", "a whole number"}},
        {"[limits]\nbatch_items = [1]", {"limits.batch_items", "a whole number"}},
        {"[limits]\nmessage_bytes = \"65MiB\"", {"\"65MiB\"", "\"64MiB\""}},
        {"[limits]\nmessage_bytes = 1000", {"1000", "a size with its unit"}},
        {"[shutdown]\ngrace = 30", {"shutdown.grace = 30", "a time with its unit"}},
        {"[shutdown]\ngrace = \"30 s\"", {"\"30 s\"", "a time with its unit"}},
        {"[storage]\ncheckpoint_interval = \"1500ms\"", {"whole seconds"}},
        {"[storage]\ndurability = \"fsync\"", {"\"fsync\"", "\"sync\" \"interval\" \"none\""}},
        {"[server]\ninsecure_no_auth = \"yes\"", {"\"yes\"", "true or false"}},
        {"[server]\nlisten = 7687", {"7687", "an address and a port"}},
        {"[graph]\nshards = 3", {"graph.shards = 3", "a power of two"}},
        {"[log]\nlevel = \"loud\"", {"\"loud\"", "\"debug\""}},
        {"[log]\nformat = \"xml\"", {"\"xml\"", "\"json\""}},
    };
    for (const auto& [text, parts] : cases) {
        for (const auto& part : parts) EXPECT_THAT(fault_of(text), HasSubstr(part)) << text;
    }
}

TEST(Config, BrokenTomlNamesLineAndColumn) {
    EXPECT_THAT(fault_of("[server\n"), HasSubstr("t.toml, line 1"));
    EXPECT_THAT(fault_of("a = 1\na = 2\n"), HasSubstr("t.toml, line"));
    Config config;
    EXPECT_THAT(message_of(load_config_file("/nowhere/deed.toml", &config)),
                HasSubstr("/nowhere/deed.toml"));
}

TEST(Config, FlagsAreReadAsWords) {
    Config config;
    EXPECT_TRUE(set_from_text("limits.batch_items", "12", &config).ok());
    EXPECT_TRUE(set_from_text("server.insecure_no_auth", "true", &config).ok());
    EXPECT_TRUE(set_from_text("shutdown.grace", "2s", &config).ok());
    EXPECT_TRUE(set_from_text("storage.data_dir", "123", &config).ok());
    EXPECT_EQ(config.limits.batch_items, 12U);
    EXPECT_EQ(config.database.data_dir, "123");
    EXPECT_THAT(message_of(set_from_text("storage.durability", "x", &config)),
                AllOf(HasSubstr("storage.durability"), HasSubstr("\"x\"")));
    EXPECT_THAT(message_of(set_from_text("log.levle", "info", &config)), HasSubstr("log.level"));
}

TEST(Config, OtherMachinesAndMissingAuthenticationAreRefused) {
    for (const char* listen :
         {"0.0.0.0:7687", "[::]:7687", "192.168.1.1:1", "127.evil.example:1", "example.org:1"}) {
        Config config;
        config.insecure_no_auth = true;
        config.listen = listen;
        EXPECT_THAT(message_of(validate(config)), HasSubstr("neither TLS nor authentication"));
    }
    for (const char* listen : {"127.0.0.1", ":7687", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000",
                               "127.0.0.1:1x", ""}) {
        Config config;
        config.insecure_no_auth = true;
        config.listen = listen;
        EXPECT_THAT(message_of(validate(config)), HasSubstr("no address with a port")) << listen;
    }
    for (const char* listen : {"127.0.0.1:0", "127.5.5.5:1", "[::1]:65535", "localhost:7687"}) {
        Config config;
        config.insecure_no_auth = true;
        config.listen = listen;
        EXPECT_TRUE(validate(config).ok()) << listen;
    }
    EXPECT_THAT(message_of(validate(Config())), HasSubstr("--insecure-no-auth"));
    Config crowded;
    crowded.insecure_no_auth = true;
    crowded.workers_max = 10;
    EXPECT_THAT(message_of(validate(crowded)), HasSubstr("limits.concurrent_streams"));
}

/// The documented file lists each setting once, with the default that the server has.
TEST(Config, TheDocumentedFileAgreesWithTheTable) {
    std::ifstream file(DEED_SOURCE_DIR "/config/deed.toml");
    ASSERT_TRUE(file);
    std::string section;
    std::string uncommented;
    std::set<std::string> documented;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("[")) section = line.substr(1, line.find(']') - 1);
        const size_t equals = line.find(" = ");
        const bool setting =
            line.starts_with("# ") && equals != std::string::npos && line.find(' ', 2) == equals;
        uncommented += setting ? line.substr(2) : line;
        uncommented += '\n';
        if (!setting) continue;
        const std::string name = section + "." + line.substr(2, equals - 2);
        EXPECT_TRUE(documented.insert(name).second) << name << " stands twice";
        for (const auto& known : all_settings()) {
            if (known.name != name) continue;
            EXPECT_EQ(line.substr(equals + 3), known.default_value) << name;
        }
    }
    for (const auto& known : all_settings()) {
        EXPECT_TRUE(documented.contains(known.name)) << known.name << " is not documented";
    }
    EXPECT_EQ(documented.size(), all_settings().size());
    Config config;
    EXPECT_EQ(message_of(load_config_text(uncommented, "deed.toml", &config)), "(ok)");
}

}  // namespace
}  // namespace deed::server
