// Bits that rot. Every file of a store is damaged in every way at many places; then the store is
// opened and read. Whatever it answers must be the whole truth or a refusal, never less data
// without a word. And the other way round: what a power failure may legally leave of a commit that
// nobody was promised must open.

#include <algorithm>
#include <functional>

#include "tests/crash/powerfs/fixture.h"

namespace deed::crash {
namespace {

struct Figures {
    uint64_t cases = 0;
    uint64_t refused = 0;
    uint64_t query_error = 0;
    uint64_t harmless = 0;
    uint64_t silent = 0;
    uint64_t false_refusal = 0;
    std::string first_silent;
    std::string first_false_refusal;
    std::map<std::string, std::array<uint64_t, 3>> by_file;  // refused, query error, harmless
};

std::string kind_of(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name.ends_with(".log")) return "WAL";
    if (name.ends_with(".sst")) return "SST";
    return name.substr(0, name.find('-'));
}

class Corruption : public DiskTest {
 protected:
    // A store with rows in tables, names, and commits in the log that are not folded yet.
    PowerFs::Image build(uint64_t seed, uint64_t& committed) {
        fs_->restore({});
        Workload workload(directory_, factory_.get(), seed);
        {
            const auto store = workload.open({});
            EXPECT_TRUE(store.ok() && workload.run(**store, 30).ok() &&
                        workload.fold(**store).ok() && workload.run(**store, 4).ok() &&
                        (*store)->sync().ok());
            (*store)->acknowledged(CommitTs(workload.committed()));
        }
        committed = workload.committed();
        return fs_->image();
    }

    void judge(const PowerFs::Image& image, uint64_t seed, uint64_t committed,
               const std::string& path, const std::string& what, Figures& figures) {
        ++figures.cases;
        if (std::getenv("DEED_VERBOSE") != nullptr)
            std::fprintf(stderr, "%s: %s\n", path.c_str(), what.c_str());
        fs_->restore(image);
        // The same commits again, so that there is something to compare with.
        Workload workload(directory_, factory_.get(), seed);
        workload.adopt(*reference_, committed);
        auto& row = figures.by_file[kind_of(path)];
        const auto store = workload.open({});
        if (!store.ok()) {
            ++figures.refused;
            ++row[0];
            return;
        }
        const auto verdict = workload.check(**store);
        if (!verdict.ok()) {
            ++figures.query_error;
            ++row[1];
        } else if (verdict->what.empty()) {
            ++figures.harmless;
            ++row[2];
        } else {
            ++figures.silent;
            if (figures.first_silent.empty())
                figures.first_silent = path + ", " + what + ": " + verdict->what;
        }
    }

    std::unique_ptr<Workload> reference_;
};

// Places in a file: its ends, the rest evenly, moved a little by the seed.
std::vector<size_t> places(size_t size, size_t count, std::mt19937_64& random) {
    std::vector<size_t> at{0, size / 2, size - 1};
    if (size > 60) at.insert(at.end(), {size - 5, size - 20, size - 53});  // an SST's footer
    for (size_t i = 0; i < count; ++i)
        at.push_back(std::min(size - 1, size * i / count + random() % (size / count + 1)));
    return at;
}

TEST_F(Corruption, IsNeverSilent) {
    Figures figures;
    std::mt19937_64 random(seed_);
    uint64_t other_committed = 0;
    const PowerFs::Image other = build(seed_ + 1, other_committed);
    fs_->restore({});
    reference_ = std::make_unique<Workload>(directory_, factory_.get(), seed_);
    {
        const auto store = reference_->open({});
        ASSERT_TRUE(store.ok() && reference_->run(**store, 30).ok() &&
                    reference_->fold(**store).ok() && reference_->run(**store, 4).ok() &&
                    (*store)->sync().ok());
        (*store)->acknowledged(CommitTs(reference_->committed()));
    }
    const uint64_t committed = reference_->committed();
    const PowerFs::Image good = fs_->image();

    const auto damage = [&](const std::string& path, const std::string& what,
                            const std::function<void(PowerFs::Image&, std::string&)>& harm) {
        PowerFs::Image image = good;
        harm(image, image[path]);
        judge(image, seed_, committed, path, what, figures);
    };
    for (const auto& [path, data] : good) {
        const std::string kind = kind_of(path);
        if (kind == "LOCK") continue;
        if (data.empty()) continue;
        for (const size_t at : places(data.size(), 12, random)) {
            const std::string where = " at " + std::to_string(at);
            damage(path, "bit flip" + where, [&](PowerFs::Image&, std::string& bytes) {
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
            });
            damage(path, "4 KiB of zeros" + where, [&](PowerFs::Image&, std::string& bytes) {
                const size_t begin = at / 4096 * 4096;
                std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(begin),
                            std::min<size_t>(4096, bytes.size() - begin), '\0');
            });
            damage(path, "cut" + where,
                   [&](PowerFs::Image&, std::string& bytes) { bytes.resize(at); });
        }
        damage(path, "deleted", [&](PowerFs::Image& image, std::string&) { image.erase(path); });
        for (const auto& [other_path, other_data] : other) {
            if (kind_of(other_path) != kind) continue;
            damage(path, "of another database",
                   [&](PowerFs::Image&, std::string& bytes) { bytes = other_data; });
        }
        for (const auto& [twin_path, twin_data] : good) {
            if (kind_of(twin_path) != kind || twin_path <= path) continue;
            damage(path, "swapped with " + twin_path, [&](PowerFs::Image& image, std::string&) {
                std::swap(image[path], image[twin_path]);
            });
        }
    }
    for (const auto& [kind, row] : figures.by_file)
        std::printf("  %-10s refused=%llu query_error=%llu harmless=%llu\n", kind.c_str(),
                    static_cast<unsigned long long>(row[0]),
                    static_cast<unsigned long long>(row[1]),
                    static_cast<unsigned long long>(row[2]));
    std::printf("corrupt: cases=%llu refused=%llu query_error=%llu harmless=%llu SILENT=%llu\n",
                static_cast<unsigned long long>(figures.cases),
                static_cast<unsigned long long>(figures.refused),
                static_cast<unsigned long long>(figures.query_error),
                static_cast<unsigned long long>(figures.harmless),
                static_cast<unsigned long long>(figures.silent));
    EXPECT_GT(figures.cases, 200U);
    EXPECT_GT(figures.refused + figures.query_error, 100U);
    EXPECT_EQ(figures.silent, 0U) << figures.first_silent;
}

// An unacknowledged record whose pages reached the disk in any order, or not at all.
TEST_F(Corruption, ATornTailThatNobodyWasPromisedOpens) {
    uint64_t cases = 0;
    uint64_t false_refusals = 0;
    std::string first;
    std::mt19937_64 random(seed_);
    for (uint64_t round = 0; round < 60; ++round) {
        fs_->restore({});
        Workload workload(directory_, factory_.get(), seed_ + round);
        PowerFs::Image before;
        PowerFs::Image after;
        {
            const auto store = workload.open({});
            ASSERT_TRUE(store.ok() && workload.run(**store, 10).ok() && (*store)->sync().ok());
            before = fs_->image();
            workload.rewind(workload.committed(), workload.committed());
            ASSERT_TRUE(workload.append_unsynced(**store, 20'000).ok());
            after = fs_->image();
        }
        const uint64_t promised = workload.committed() - 1;
        for (auto& [path, bytes] : after) {
            if (!path.ends_with(".log")) continue;
            const size_t begin = before[path].size();
            if (bytes.size() == begin) continue;
            const size_t page = random() % 2 == 0 ? 512 : 4096;
            for (size_t at = begin / page * page; at < bytes.size(); at += page) {
                if (random() % 3 != 0 && round % 3 != 0) continue;
                if (round % 3 == 0 && random() % 5 != 0) continue;
                const size_t from = std::max(at, begin);
                std::fill(bytes.begin() + static_cast<ptrdiff_t>(from),
                          bytes.begin() + static_cast<ptrdiff_t>(std::min(at + page, bytes.size())),
                          '\0');
            }
            if (round % 4 == 1) bytes.resize(begin + random() % (bytes.size() - begin));
        }
        fs_->restore(after);
        ++cases;
        const auto store = workload.open({});
        if (!store.ok()) {
            ++false_refusals;
            if (first.empty()) first = store.error().to_string();
            continue;
        }
        workload.rewind(workload.committed(), promised);
        const auto verdict = workload.check(**store);
        ASSERT_TRUE(verdict.ok()) << verdict.error().to_string();
        EXPECT_EQ(verdict->what, "");
        EXPECT_TRUE(workload.run(**store, 3).ok());
    }
    std::printf("torn_tail: cases=%llu false_refusal=%llu\n",
                static_cast<unsigned long long>(cases),
                static_cast<unsigned long long>(false_refusals));
    EXPECT_EQ(false_refusals, 0U) << first;
}

// An acknowledged commit that is damaged in the middle of the log.
TEST_F(Corruption, ARefusalSaysWhereWhatAndWhatNow) {
    Workload workload(directory_, factory_.get(), seed_);
    {
        const auto store = workload.open({});
        ASSERT_TRUE(store.ok());
        for (int i = 0; i < 8; ++i) ASSERT_TRUE(workload.append_synced(**store).ok());
    }
    PowerFs::Image image = fs_->image();
    std::string log_file;
    for (auto& [path, bytes] : image) {
        if (!path.ends_with(".log") || bytes.size() < 200) continue;
        log_file = path;
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    }
    ASSERT_FALSE(log_file.empty());
    fs_->restore(image);
    {
        const auto refused = workload.open({});
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code(), ErrorCode::kCorruption);
        const std::string& message = refused.error().message();
        for (const std::string& part :
             {log_file, std::string(" at byte "), std::string("the last good one is commit "),
              std::string("2023-11-14"), std::string("restore a backup"),
              std::string("deed check --data-dir"), std::string("deed recover --accept-data-loss")})
            EXPECT_NE(message.find(part), std::string::npos) << part << "\n" << message;
        EXPECT_EQ(fs_->image(), image) << "a refusal changes nothing";
    }
    {
        const auto store = workload.open({.accept_data_loss = true});
        ASSERT_TRUE(store.ok()) << store.error().to_string();
        EXPECT_NE((*store)->state().note.find("dropped commits"), std::string::npos);
        const uint64_t left = (*store)->state().recovered.raw();
        EXPECT_GT(left, 0U);
        EXPECT_LT(left, 8U);
        workload.rewind(8, left);
        const auto verdict = workload.check(**store);
        ASSERT_TRUE(verdict.ok()) << verdict.error().to_string();
        EXPECT_EQ(verdict->what, "");
        EXPECT_TRUE(workload.run(**store, 5).ok());
    }
    const auto store = workload.open({});
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    EXPECT_EQ((*store)->state().note, "");
}

}  // namespace
}  // namespace deed::crash
