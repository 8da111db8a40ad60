#include "cli/stop_signals.h"

#include <pthread.h>
#include <signal.h>

#include <cstdlib>
#include <utility>

namespace turbospec::cli {
namespace {

sigset_t Stops() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t stops = Stops();
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  thread_ = std::thread([this] { Listen(); });
}

StopSignals::~StopSignals() {
  finished_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void StopSignals::TakeOver(std::function<void()> again) {
  const std::lock_guard lock(mutex_);
  again_ = std::move(again);
}

void StopSignals::Wait() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return received_ > 0; });
}

void StopSignals::Listen() {
  const sigset_t stops = Stops();
  for (;;) {
    int signal = 0;
    sigwait(&stops, &signal);
    if (finished_) return;
    const std::lock_guard lock(mutex_);
    if (!again_) std::_Exit(128 + signal);
    if (++received_ > 1) again_();
    arrived_.notify_all();
  }
}

}  // namespace turbospec::cli
