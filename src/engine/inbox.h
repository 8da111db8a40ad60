// The only way into the engine from other threads: a bounded queue of submissions, cancellations
// and the order to stop. Every method is thread-safe; Take and WaitForNews are the engine thread's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "core/result.h"
#include "engine/generation.h"

namespace turbospec {

struct Submission {
  RequestId id = 0;
  GenerationRequest request;
  std::shared_ptr<GenerationSink> sink;
  Seconds submitted{0};
};

class Inbox {
 public:
  // max_waiting: submissions that were accepted here and not yet given a slot.
  explicit Inbox(int max_waiting) : max_waiting_(max_waiting) {}

  Result<RequestId> Submit(GenerationRequest request, std::shared_ptr<GenerationSink> sink,
                           Seconds now);
  void Cancel(RequestId request);
  void Stop(bool cancel_all);

  struct News {
    std::vector<Submission> submissions;
    std::vector<RequestId> cancellations;
    bool cancel_all = false;
  };

  // Moves all news into `news`; costs one atomic load when there is none.
  void Take(News& news);
  // A waiting submission got a slot or was withdrawn.
  void LeftTheQueue();
  void WaitForNews();
  bool stopping() const;
  int waiting() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::atomic<bool> has_news_{false};
  News news_;
  int waiting_ = 0;
  const int max_waiting_;
  RequestId next_id_ = 1;
  bool stopping_ = false;
};

}  // namespace turbospec
