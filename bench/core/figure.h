#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace deed::bench {

/// One measured number beside its limit. `limit` is what the hardware (or a plain program doing the
/// same work) reached in the same run; 0 where there is none. `reach` and `stretch` are bounds of
/// the ratio where `limit` is given, else of the value; for `smaller_is_better` they are upper
/// bounds.
struct Figure {
    std::string name;
    double value = 0;
    std::string unit;
    double limit = 0;
    double reach = 0;
    double stretch = 0;
    bool smaller_is_better = false;
    std::string note;
};

/// How large and how long.
struct Scale {
    bool quick = false;
    [[nodiscard]] uint64_t pick(uint64_t full, uint64_t small) const {
        return quick ? small : full;
    }
};

/// A group of figures that are measured together, in one process.
struct Section {
    const char* name;
    std::function<std::vector<Figure>(const Scale&)> run;
};

/// Seconds that `work` takes.
template <class Work>
double seconds(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Keeps a result from being optimised away.
template <class T>
inline void keep(T const& value) {
    asm volatile("" : : "r,m"(value) : "memory");
}

/// Two alternating pieces of work, best time of each over `rounds`: noise of a shared machine only
/// ever adds.
struct Best {
    double a = 1e300;
    double b = 1e300;
};
template <class A, class B>
Best best_of(int rounds, A&& work_a, B&& work_b) {
    Best best;
    for (int round = 0; round < rounds; ++round) {
        best.a = std::min(best.a, seconds(work_a));
        best.b = std::min(best.b, seconds(work_b));
    }
    return best;
}

}  // namespace deed::bench
