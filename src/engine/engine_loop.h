// The Engine: one loop over admission, planning, computing and delivering. See engine.h for the
// thread rules; everything private here runs on the engine thread unless it says otherwise.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/engine.h"
#include "engine/inbox.h"
#include "engine/slot_table.h"
#include "engine/speculation.h"
#include "engine/step.h"
#include "engine/target_pass.h"

namespace turbospec {

class EngineLoop final : public Engine {
 public:
  // REQUIRES: parts and options were checked by Engine::Create.
  EngineLoop(EngineParts parts, const EngineOptions& options);
  ~EngineLoop() override;

  Result<RequestId> Submit(GenerationRequest request,
                           std::shared_ptr<GenerationSink> sink) override;
  void Cancel(RequestId request) override { inbox_.Cancel(request); }
  bool RunOnce() override;
  void Run() override;
  void Stop(StopMode mode) override { inbox_.Stop(mode == StopMode::kNow); }
  EngineStatistics Snapshot() const override;
  const ModelInfo& target_info() const override { return target_->info(); }

 private:
  Status Check(const GenerationRequest& request) const;  // any thread

  void TakeIn();
  void CancelOne(RequestId id);
  void CancelAll();
  void AdmitWaiting();
  void Admit(Submission submission, SlotTable::Choice choice);
  void Withdraw(Submission submission);

  void Begin();
  int PrefillLimit(int decoding) const;
  RowBudget PlanPrefill();  // what is left for the decoding requests
  void BridgeWithPrompts();
  void AddDecodingSegments();
  void Commit();
  void Count();
  void ReleaseFinished();
  void Release(ActiveRequest& request, bool keep_kv);

  std::unique_ptr<Model> target_;
  const Tokenizer& tokenizer_;
  const Clock& clock_;
  const EngineOptions options_;

  Inbox inbox_;
  Inbox::News news_;
  std::deque<Submission> waiting_;
  SlotTable slots_;
  std::vector<std::unique_ptr<ActiveRequest>> active_;  // by slot; null = idle
  Speculation speculation_;
  TargetPass target_pass_;
  Step step_;
  std::vector<ActiveRequest*> prefilling_;  // of this step, oldest first

  mutable std::mutex statistics_mutex_;
  EngineStatistics statistics_;
};

}  // namespace turbospec
