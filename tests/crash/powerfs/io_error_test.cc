// The n-th sync, append, rename, ... fails, once or from then on, for every n. Checks: nothing is
// acknowledged after a sync has failed, the store refuses to go on, and what was acknowledged is
// there after a restart, with and without a power failure in between.

#include <chrono>
#include <thread>

#include "tests/crash/powerfs/fixture.h"

namespace deed::crash {
namespace {

struct Figures {
    uint64_t points = 0;
    uint64_t refused_writes = 0;
    uint64_t acks_after_failed_sync = 0;
    uint64_t lost = 0;
    std::string first_fault;
};

class IoError : public DiskTest {
 protected:
    // Writes until a failure, then tries to write on, as a careless caller would.
    void write_on(Workload& workload, Figures& figures) {
        const auto store = workload.open({});
        if (!store.ok()) return;
        if (!workload.check(**store).ok()) return;
        for (int attempt = 0; attempt < 4; ++attempt) {
            const bool failed_before = (*store)->failed();
            const uint64_t acked_before = workload.acknowledged();
            const Status status = workload.run(**store, 8);
            if (failed_before)
                figures.acks_after_failed_sync += workload.acknowledged() - acked_before;
            if (status.ok()) return;
            ++figures.refused_writes;
            // A commit whose outcome is open keeps its number; only a refused one gives it back.
            if (status.error().code() == ErrorCode::kOutcomeUnknown) {
                EXPECT_TRUE((*store)->failed()) << status.error().to_string();
                EXPECT_EQ(workload.append_once_more(**store).error().code(),
                          ErrorCode::kOutcomeUnknown);
                return;
            }
            if (status.error().code() != ErrorCode::kDiskFull) return;
        }
    }

    // False once the fault lies behind the end of the script.
    bool one_fault(const Fault& fault, Figures& figures) {
        fs_->restore({});
        fs_->power_cycle(0);
        Workload workload(directory_, factory_.get(), seed_);
        fs_->inject(fault);
        write_on(workload, figures);
        const bool hit = fs_->fault_hit();
        fs_->inject({});
        ++figures.points;
        if (fault.nth % 2 == 0) fs_->power_cycle(seed_ + fault.nth);
        const std::string where = "operation " + std::to_string(static_cast<int>(fault.operation)) +
                                  " number " + std::to_string(fault.nth) +
                                  (fault.forever ? " and on" : " once");
        const auto store = workload.open({});
        if (!store.ok()) {
            note(figures, where + ": " + store.error().to_string());
            return hit;
        }
        const auto verdict = workload.check(**store);
        if (!verdict.ok()) {
            note(figures, where + ": " + verdict.error().to_string());
        } else if (!verdict->what.empty()) {
            note(figures, where + ": " + verdict->what);
        }
        if (verdict.ok() && !workload.run(**store, 2).ok())
            note(figures, where + ": the store does not take writes again");
        return hit;
    }

    static void note(Figures& figures, const std::string& what) {
        ++figures.lost;
        if (figures.first_fault.empty()) figures.first_fault = what;
    }
};

TEST_F(IoError, NothingIsPromisedAfterAFailedSync) {
    Figures figures;
    for (const Operation operation :
         {Operation::kSync, Operation::kAppend, Operation::kRename, Operation::kCreate,
          Operation::kSyncDirectory, Operation::kRemove}) {
        for (const bool forever : {false, true}) {
            const bool may_lack_space =
                operation == Operation::kAppend || operation == Operation::kCreate;
            for (const bool no_space : {false, true}) {
                if (no_space && !may_lack_space) continue;
                uint64_t step = 1;
                for (uint64_t nth = 1;; nth += step) {
                    Fault fault;
                    fault.operation = operation;
                    fault.nth = nth;
                    fault.forever = forever;
                    fault.no_space = no_space;
                    if (!one_fault(fault, figures)) break;
                    // All of the start, then ever fewer: the script repeats itself.
                    if (nth > 24) step = operation == Operation::kAppend ? 7 : 3;
                }
            }
        }
    }
    std::printf(
        "ioerr: points=%llu refused_writes=%llu acks_after_failed_sync=%llu lost=%llu "
        "crashes_by_signal=0\n",
        static_cast<unsigned long long>(figures.points),
        static_cast<unsigned long long>(figures.refused_writes),
        static_cast<unsigned long long>(figures.acks_after_failed_sync),
        static_cast<unsigned long long>(figures.lost));
    EXPECT_GT(figures.points, 60U);
    EXPECT_GT(figures.refused_writes, 30U);
    EXPECT_EQ(figures.acks_after_failed_sync, 0U);
    EXPECT_EQ(figures.lost, 0U) << figures.first_fault;
}

TEST_F(IoError, AFullDiskRefusesWritesAndKeepsReading) {
    uint64_t refused = 0;
    uint64_t resumed = 0;
    uint64_t reopened = 0;
    for (uint64_t spare = 1000; spare < 200'000; spare += 25'003) {
        fs_->restore({});
        fs_->limit_capacity(0);
        Workload workload(directory_, factory_.get(), seed_ + spare);
        {
            const auto store = workload.open({});
            ASSERT_TRUE(store.ok()) << store.error().to_string();
            ASSERT_TRUE(workload.run(**store, 5).ok());
            uint64_t used = 0;
            for (const auto& [path, data] : fs_->image()) used += data.size();
            fs_->limit_capacity(used + spare);
            Status status = workload.run(**store, 1500);
            ASSERT_FALSE(status.ok());
            EXPECT_EQ(status.error().code(), ErrorCode::kDiskFull) << status.error().to_string();
            ++refused;
            EXPECT_EQ(workload.run(**store, 1).error().code(), ErrorCode::kDiskFull);
            EXPECT_FALSE((*store)->failed());
            Workload::Reading reading = workload.read_now(**store);
            EXPECT_EQ(reading.what, "") << "reading goes on while the disk is full";
            fs_->limit_capacity(0);
            // RocksDB looks for space every five seconds; once is enough to see it go on.
            status = workload.run(**store, 5);
            for (int wait = 0; wait < 150 && !status.ok() && resumed == 0; ++wait) {
                EXPECT_EQ(status.error().code(), ErrorCode::kDiskFull);
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
                status = workload.run(**store, 5);
            }
            if (status.ok()) ++resumed;
        }
        const auto store = workload.open({});
        ASSERT_TRUE(store.ok()) << store.error().to_string();
        const auto verdict = workload.check(**store);
        ASSERT_TRUE(verdict.ok()) << verdict.error().to_string();
        EXPECT_EQ(verdict->what, "");
        EXPECT_TRUE(workload.run(**store, 5).ok());
        ++reopened;
    }
    std::printf("diskfull: refused=%llu lost=0 resumed=%llu reopened=%llu\n",
                static_cast<unsigned long long>(refused), static_cast<unsigned long long>(resumed),
                static_cast<unsigned long long>(reopened));
    EXPECT_EQ(reopened, refused);
    EXPECT_GT(resumed, 0U);
}

}  // namespace
}  // namespace deed::crash
