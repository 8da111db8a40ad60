// An Engine without a model: what requests get is said by the test, call by call, or by Run, which
// gives every request one piece a turn up to its max_tokens. Any thread may call anything; waits
// are on events and give up, with a test failure, only after a minute.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace turbospec {

class FakeEngine final : public Engine {
 public:
  FakeEngine();

  Result<RequestId> Submit(GenerationRequest request,
                           std::shared_ptr<GenerationSink> sink) override;
  void Cancel(RequestId request) override;
  bool RunOnce() override;
  void Run() override;
  void Stop(StopMode mode) override;
  EngineStatistics Snapshot() const override;
  const ModelInfo& target_info() const override { return info_; }

  // From now on Submit fails with this once `more` further requests were taken.
  void RefuseAfter(int more, Error error);

  // The id of the n-th request ever submitted (0-based), waiting for it.
  RequestId Submitted(std::size_t n);
  // Valid until the engine is destroyed.
  const GenerationRequest& RequestOf(RequestId id);

  void Deliver(RequestId id, std::string text, std::vector<OutputToken> tokens = {});
  void Finish(RequestId id, FinishReason reason, std::string text = "");
  void Fail(RequestId id, Error error);

  bool cancelled(RequestId id) const;
  bool WaitForCancel(RequestId id);

 private:
  struct Live {
    GenerationRequest request;
    std::shared_ptr<GenerationSink> sink;  // null = finished
    int output_tokens = 0;
    bool cancelled = false;
  };
  std::shared_ptr<GenerationSink> SinkOf(RequestId id);
  turbospec::Finish MakeFinish(RequestId id, FinishReason reason);
  void End(RequestId id, turbospec::Finish finish, std::string text);
  std::vector<RequestId> LiveIds() const;

  ModelInfo info_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<RequestId, Live> requests_;
  std::vector<RequestId> order_;
  int accept_more_ = -1;  // -1 = all
  std::optional<Error> refusal_;
  bool stopped_ = false;
};

}  // namespace turbospec
