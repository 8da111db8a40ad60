// The report as one HTML page that needs nothing beside it: data, plots and uPlot are in it. Pure.
#pragma once

#include <string>

#include "bench/bench_report.h"

namespace turbospec {

// The curves of the page. Exposed for tests.
nlohmann::json ReportSeries(const LoadRun& run);

std::string ReportPage(const BenchReport& report);

}  // namespace turbospec
