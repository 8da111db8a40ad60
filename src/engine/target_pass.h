// The target's part of a step: rows in, committed tokens out. If a pass over many requests fails,
// each is tried alone, so that only those concerned fail. Engine thread.
#pragma once

#include <span>
#include <vector>

#include "core/clock.h"
#include "engine/step.h"
#include "model/model.h"
#include "model/tokenizer.h"

namespace turbospec {

class TargetPass {
 public:
  // All outlive the pass.
  TargetPass(Model& target, const Tokenizer& tokenizer, const Clock& clock);

  // Computes the step's segments, commits what each request's rule accepts, cuts the KV back to it
  // and fills in the step's timings. A segment whose computation failed carries its error and has
  // committed nothing.
  void Run(Step& step);

 private:
  bool Compute(std::span<Segment> segments, Step& step);
  void Accept(std::span<Segment> segments, Step& step);
  void AddRows(const Segment& segment);
  void RecordShape(Step& step);

  Model& target_;
  const Tokenizer& tokenizer_;
  const Clock& clock_;
  std::vector<Row> rows_;
  std::vector<int> rows_by_slot_;
  double context_sum_ = 0;  // over all rows of the step ...
  int row_count_ = 0;       // ... which are so many, dummy rows in idle slots not counted
  Error error_;             // of the last failed computation
};

}  // namespace turbospec
