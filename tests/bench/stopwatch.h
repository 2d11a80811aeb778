// SPDX-License-Identifier: GPL-3.0-or-later
// Times a piece of work and prints one line of a table, or one JSON object, with the ratio to a peer or a
// limit of the machine that was measured in the same run. For benchmarks.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace wr::bench {

/// Seconds of the median of the runs, at least five of them and for at least `seconds` in all.
template <typename Work>
double medianSeconds(Work work, double seconds = 0.4)
{
    using Clock = std::chrono::steady_clock;
    constexpr std::size_t kLeastRuns = 5;
    work();
    std::vector<double> runs;
    double total = 0.0;
    while (runs.size() < kLeastRuns || total < seconds) {
        const auto begin = Clock::now();
        work();
        runs.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
        total += runs.back();
    }
    std::sort(runs.begin(), runs.end());
    return runs[runs.size() / 2];
}

/// Seconds a run on average, over `seconds` in all: what is disturbed now and then counts as such.
template <typename Work>
double meanSeconds(Work work, double seconds)
{
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    double total = 0.0;
    int runs = 0;
    for (; total < seconds; ++runs) {
        work();
        total = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    return total / runs;
}

class Report {
public:
    /// Takes [--json] [--only TEXT]: rows whose name does not hold TEXT need not be measured.
    Report(int argc, char** argv, const char* title)
    {
        for (int i = 1; i < argc; ++i) {
            m_isJson = m_isJson || std::strcmp(argv[i], "--json") == 0;
            if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc)
                m_only = argv[++i];
        }
        if (!m_isJson)
            std::printf("\n%s\n%-44s %12s %-8s %8s  %s\n", title, "what", "figure", "", "ratio", "of");
        m_title = title;
    }
    bool wants(const std::string& what) const { return what.find(m_only) != std::string::npos; }
    /// `ratio` is figure / peer; 0 where there is none.
    void row(const std::string& what, double figure, const char* unit, double ratio, const char* peer) const
    {
        if (m_isJson)
            std::printf("{\"bench\":\"%s\",\"what\":\"%s\",\"figure\":%.6g,\"unit\":\"%s\",\"ratio\":%.4g,"
                        "\"of\":\"%s\"}\n",
                        m_title.c_str(), what.c_str(), figure, unit, ratio, peer);
        else if (ratio > 0)
            std::printf("%-44s %12.3f %-8s %8.3f  %s\n", what.c_str(), figure, unit, ratio, peer);
        else
            std::printf("%-44s %12.3f %-8s\n", what.c_str(), figure, unit);
        std::fflush(stdout);
    }

private:
    std::string m_title;
    std::string m_only;
    bool m_isJson = false;
};

} // namespace wr::bench
