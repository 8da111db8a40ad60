#include "bench/scaled/pass_staircase.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "core/statistics.h"

namespace turbospec {
namespace {

Status Check(const ModelInfo& info, const StaircaseOptions& options) {
  if (options.rows.empty() || std::ranges::min(options.rows) < 1 || options.rounds < 1 ||
      options.context < 1) {
    return InvalidArgument("a staircase needs row counts, rounds and a context of at least 1");
  }
  const int most = std::ranges::max(options.rows);
  if (info.slots < most ||
      std::min(info.max_rows_per_forward, info.max_logits_per_forward) < most ||
      info.context_per_slot < options.context + most) {
    return InvalidArgument(
        "a staircase up to " + std::to_string(most) + " rows needs " + std::to_string(most) +
        " slots of " + std::to_string(options.context + most) + " tokens; " + info.name + " has " +
        std::to_string(info.slots) + " of " + std::to_string(info.context_per_slot));
  }
  return Ok();
}

class Staircase {
 public:
  Staircase(Model& model, const Clock& clock, const StaircaseOptions& options)
      : model_(model), clock_(clock), options_(options) {}

  Status FillContexts();
  // The rows of one pass: `per_sequence` of each of the first `sequences` slots.
  Result<Seconds> Time(int sequences, int per_sequence);

 private:
  TokenId TokenAt(int position) const {  // any token does; not all the same
    return (position * 7 + 1) % model_.info().vocabulary_size;
  }

  Model& model_;
  const Clock& clock_;
  const StaircaseOptions& options_;
};

Status Staircase::FillContexts() {
  const int slots = std::ranges::max(options_.rows);
  const int piece = model_.info().max_rows_per_forward;
  for (SlotId slot = 0; slot < slots; ++slot) {
    if (Status emptied = model_.Truncate(slot, 0); !emptied.ok()) return emptied;
    while (model_.Length(slot) < options_.context) {
      const int begin = model_.Length(slot);
      const int end = std::min(options_.context, begin + piece);
      std::vector<Row> rows;
      for (int i = begin; i < end; ++i) rows.push_back({slot, i, TokenAt(i)});
      if (Status fed = model_.Forward(rows); !fed.ok()) return fed;
    }
  }
  return Ok();
}

Result<Seconds> Staircase::Time(int sequences, int per_sequence) {
  std::vector<Row> rows;
  for (SlotId slot = 0; slot < sequences; ++slot) {
    for (int i = 0; i < per_sequence; ++i) {
      const int position = options_.context + i;
      rows.push_back({slot, position, TokenAt(position + slot), true});
    }
  }
  const Seconds start = clock_.Now();
  if (Status status = model_.Forward(rows); !status.ok()) return status.error();
  const Seconds took = clock_.Now() - start;
  for (SlotId slot = 0; slot < sequences; ++slot) {
    if (Status cut = model_.Truncate(slot, options_.context); !cut.ok()) return cut.error();
  }
  return took;
}

struct Samples {
  std::vector<double> one_sequence;  // seconds
  std::vector<double> one_row_each;
};

PassTimes Summary(const std::vector<double>& seconds) {
  return {.median = Seconds{Median(seconds)},
          .fastest = Seconds{Quantile(seconds, 0)},
          .slowest = Seconds{Quantile(seconds, 1)}};
}

}  // namespace

Result<std::vector<Stair>> MeasureStaircase(Model& model, const Clock& clock,
                                            const StaircaseOptions& options) {
  if (Status valid = Check(model.info(), options); !valid.ok()) return valid.error();
  Staircase staircase(model, clock, options);
  if (Status filled = staircase.FillContexts(); !filled.ok()) return filled.error();
  std::vector<Samples> samples(options.rows.size());
  for (int round = -1; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      auto one_sequence = staircase.Time(1, options.rows[i]);
      if (!one_sequence.ok()) return one_sequence.error();
      auto one_row_each = staircase.Time(options.rows[i], 1);
      if (!one_row_each.ok()) return one_row_each.error();
      if (round < 0) continue;  // warms up
      samples[i].one_sequence.push_back(one_sequence->count());
      samples[i].one_row_each.push_back(one_row_each->count());
    }
  }
  std::vector<Stair> stairs;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    stairs.push_back({.rows = options.rows[i],
                      .one_sequence = Summary(samples[i].one_sequence),
                      .one_row_each = Summary(samples[i].one_row_each)});
  }
  return stairs;
}

}  // namespace turbospec
