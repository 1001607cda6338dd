// The store under power failures at every place, and again during recovery, and again after it.
// Checks: every acknowledged commit is there (durable), whole (atomic), and what is there is a
// prefix of the commits (no holes).

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/crash/powerfs/fixture.h"

namespace deed::crash {
namespace {

struct Figures {
    uint64_t crash_points = 0;
    uint64_t recoveries = 0;
    uint64_t acked_lost = 0;
    uint64_t holes = 0;
    uint64_t refused = 0;
    std::string first_fault;
};

class PowerFailure : public DiskTest {
 protected:
    // Opens and checks; a refusal is a fault too, for nothing but power has failed.
    void recover(Workload& workload, Figures& figures, const std::string& where) {
        ++figures.recoveries;
        const auto store = workload.open({});
        if (!store.ok()) {
            ++figures.refused;
            note(figures, where + ": refused: " + store.error().to_string());
            return;
        }
        const auto verdict = workload.check(**store);
        if (!verdict.ok()) {
            ++figures.refused;
            note(figures, where + ": " + verdict.error().to_string());
            return;
        }
        figures.acked_lost += verdict->acked_lost;
        figures.holes += verdict->holes;
        if (!verdict->what.empty()) note(figures, where + ": " + verdict->what);
    }

    // Life of one database: crash, perhaps crash while recovering, recover, write, crash, recover.
    void one_life(uint64_t crash_at, uint64_t seed, Figures& figures, bool lie = false) {
        const auto fs = std::make_shared<PowerFs>(directory_);
        fs->lie_about_sync(lie);
        const auto factory = storage::rocks_engine_factory(fs);
        Workload workload(directory_, factory.get(), seed);
        std::mt19937_64 random(seed * 31 + crash_at);
        const std::string where =
            "seed " + std::to_string(seed) + " crash at " + std::to_string(crash_at);
        live(workload, *fs, crash_at, 12, random(), figures);
        if (random() % 2 == 0) {
            live(workload, *fs, random() % 60 + 1, 3, random(), figures);
        }
        recover(workload, figures, where + ", first");
        live(workload, *fs, random() % 150 + 1, 12, random(), figures);
        recover(workload, figures, where + ", second");
    }

    // Runs until the power fails.
    static void live(Workload& workload, PowerFs& fs, uint64_t crash_at, uint64_t commits,
                     uint64_t seed, Figures& figures) {
        fs.power_off_after(crash_at);
        {
            const auto store = workload.open({});
            if (store.ok()) {
                const auto verdict = workload.check(**store);
                if (verdict.ok()) (void)workload.run(**store, commits);
                if (verdict.ok() && verdict->holes + verdict->acked_lost > 0) {
                    figures.holes += verdict->holes;
                    figures.acked_lost += verdict->acked_lost;
                    note(figures, "before a crash: " + verdict->what);
                }
            }
        }
        ++figures.crash_points;
        fs.power_cycle(seed);
    }

    static void note(Figures& figures, const std::string& what) {
        if (figures.first_fault.empty()) figures.first_fault = what;
    }

    // How many operations a life without a crash has.
    uint64_t length(uint64_t seed) {
        const auto fs = std::make_shared<PowerFs>(directory_);
        const auto factory = storage::rocks_engine_factory(fs);
        Workload workload(directory_, factory.get(), seed);
        const auto store = workload.open({});
        EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().to_string());
        EXPECT_TRUE(store.ok() && workload.run(**store, 12).ok());
        return fs->operations();
    }
};

void print(const char* name, const Figures& figures) {
    std::printf("%s: crash_points=%llu recoveries=%llu acked_lost=%llu holes=%llu refused=%llu\n",
                name, static_cast<unsigned long long>(figures.crash_points),
                static_cast<unsigned long long>(figures.recoveries),
                static_cast<unsigned long long>(figures.acked_lost),
                static_cast<unsigned long long>(figures.holes),
                static_cast<unsigned long long>(figures.refused));
}

TEST_F(PowerFailure, LosesNothingAcknowledged) {
    Figures figures;
    // Every operation of one script, then random places of random scripts.
    const uint64_t operations = length(seed_);
    for (uint64_t at = 1; at <= operations; ++at) one_life(at, seed_, figures);
    for (uint64_t i = 1; figures.crash_points < 700; ++i)
        one_life(std::mt19937_64(seed_ + i)() % operations + 1, seed_ + i, figures);
    print("powerfs", figures);
    EXPECT_GE(figures.crash_points, 500U);
    EXPECT_EQ(figures.acked_lost, 0U) << figures.first_fault;
    EXPECT_EQ(figures.holes, 0U) << figures.first_fault;
    EXPECT_EQ(figures.refused, 0U) << figures.first_fault;
}

TEST_F(PowerFailure, ControlWithoutSyncLoses) {
    Figures figures;
    for (uint64_t i = 0; i < 20; ++i) one_life(40 + i * 5, seed_ + i, figures, true);
    print("control", figures);
    EXPECT_GT(figures.acked_lost + figures.refused, 0U) << "a disk that lies must be noticed";
}

}  // namespace
}  // namespace deed::crash
