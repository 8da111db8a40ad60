// SIGINT and SIGTERM as plain calls on a thread of their own. Made by main before any other thread,
// so that all of them leave the signals to this one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace turbospec::cli {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Until this is called a signal ends the process at once. From then on the first one ends Wait
  // and every further one calls `again`, on the signal thread.
  void TakeOver(std::function<void()> again);
  void Wait();

 private:
  void Listen();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::function<void()> again_;
  int received_ = 0;
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

}  // namespace turbospec::cli
