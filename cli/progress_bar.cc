#include "cli/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace turbospec::cli {
namespace {

constexpr int kColumns = 40;

}  // namespace

ProgressBar::ProgressBar() : shown_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

void ProgressBar::Show(double done, const std::string& what) {
  if (!shown_) return;
  done_ = std::clamp(done, done_, 1.0);
  const auto filled = static_cast<std::size_t>(done_ * kColumns);
  std::cerr << fmt::format("\r[{:<{}}] {:3.0f} % {}\x1b[K", std::string(filled, '#'), kColumns,
                           done_ * 100, what)
            << std::flush;
  drawn_ = true;
}

}  // namespace turbospec::cli
