// Time as a parameter: whatever measures takes a Clock. SteadyClock reads the machine, ManualClock
// is moved by its owner (tests, simulator).
#pragma once

#include <chrono>

namespace turbospec {

using Seconds = std::chrono::duration<double>;

class Clock {
 public:
  virtual ~Clock() = default;
  // Time since an arbitrary origin; never goes back.
  virtual Seconds Now() const = 0;
};

class SteadyClock final : public Clock {
 public:
  Seconds Now() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
};

class ManualClock final : public Clock {
 public:
  Seconds Now() const override { return now_; }
  void Advance(Seconds by) { now_ += by; }

 private:
  Seconds now_{0};
};

}  // namespace turbospec
