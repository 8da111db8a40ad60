// A bar on standard error while something is measured; nothing where that is not a terminal.
#pragma once

#include <string>

namespace turbospec::cli {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // ends the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `done` from 0 to 1. Never goes back.
  void Show(double done, const std::string& what);

 private:
  bool shown_;
  bool drawn_ = false;
  double done_ = 0;
};

}  // namespace turbospec::cli
