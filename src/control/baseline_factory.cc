#include "control/baseline_factory.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/budget_controller.h"
#include "control/ema_controller.h"
#include "control/paper_controller.h"
#include "control/table_controller.h"
#include "control/written_form.h"

namespace turbospec {
namespace {

using MadeController = Result<std::unique_ptr<Controller>>;

// vLLM measures its start-up table at this context, or at the longest that fits.
constexpr int kTableContext = 8192;
constexpr int kLargestTableSize = 2048;

Error NoProfile(std::string_view written) {
  return InvalidArgument("controller \"" + std::string(written) +
                         "\" weighs costs and needs a cost profile of this machine and model; "
                         "give it one, or take off, fixed:K, table or ema");
}

// The line through passes of up to so many requests that each verify up to 8 tokens: the range in
// which the authors of the paper measured.
Result<LinearCost> FitLine(const PassCost& pass, const ControllerInputs& inputs,
                           const std::vector<int>& rows_per_sequence) {
  const int most_sequences = inputs.max_sequences > 0 ? inputs.max_sequences : 64;
  const int most_context = inputs.max_context > 0 ? inputs.max_context : 1024;
  std::vector<LinearSample> samples;
  for (int sequences = 1;; sequences = std::min(2 * sequences, most_sequences)) {
    for (const int rows_each : rows_per_sequence) {
      for (const int context : {128, 512, 1024}) {
        LinearSample sample{.sequences = sequences,
                            .rows = sequences * rows_each,
                            .context = static_cast<double>(std::min(context, most_context))};
        sample.seconds = pass(sample.sequences, sample.rows, sample.context);
        samples.push_back(sample);
      }
    }
    if (sequences == most_sequences) break;
  }
  return FitLinearCost(samples);
}

// Takes ":8" off the front of `rest`; false where what follows the colon is no depth.
bool TakeDepth(std::string_view& rest, int& depth) {
  if (!rest.starts_with(':')) return true;
  const std::string_view text = rest.substr(1, rest.find(',') - 1);
  const auto parsed = ParseDepth(text);
  if (!parsed) return false;
  depth = *parsed;
  rest.remove_prefix(1 + text.size());
  return true;
}

std::vector<int> UsualSizes() {
  return {1,  2,  3,  4,  5,  6,  7,  8,   10,  12,  14,  16,  20,  24, 28,
          32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512};
}

}  // namespace

MadeController MakeTable(std::string_view written, std::string_view rest) {
  std::string name(written);
  if (rest.empty()) {
    return MadeController(std::make_unique<TableController>(name, DepthTable::BuiltIn()));
  }
  if (!rest.starts_with(':')) return WrongForm(written, "unknown controller");
  auto table = DepthTable::Parse(rest.substr(1));
  if (!table.ok()) return WrongForm(written, table.error().message);
  return MadeController(std::make_unique<TableController>(name, *std::move(table)));
}

MadeController MakeEma(std::string_view written, std::string_view rest) {
  if (!rest.empty()) return WrongForm(written, "ema takes no options");
  return MadeController(std::make_unique<EmaController>(std::string(written)));
}

MadeController MakePaper(std::string_view written, std::string_view rest,
                         const ControllerInputs& inputs) {
  PaperOptions options;
  if (!TakeDepth(rest, options.max_depth)) return WrongForm(written, "bad depth after \"paper:\"");
  options.censored = rest == ",censored";
  if (!rest.empty() && !options.censored) {
    return WrongForm(written, "\"" + std::string(rest) + "\" is not understood");
  }
  std::optional<LinearCost> target = inputs.target_line;
  if (!target) {
    if (!inputs.target_pass) return NoProfile(written);
    auto fitted = FitLine(inputs.target_pass, inputs, {1, 2, 4, 6, 8});
    if (!fitted.ok()) return fitted.error();
    target = *fitted;
  }
  std::optional<LinearCost> draft = inputs.draft_line;
  if (!draft && inputs.draft_pass) {
    auto fitted = FitLine(inputs.draft_pass, inputs, {1});
    if (!fitted.ok()) return fitted.error();
    draft = *fitted;
  }
  return MadeController(
      std::make_unique<PaperController>(std::string(written), options, *target, draft));
}

MadeController MakeBudget(std::string_view written, std::string_view rest,
                          const ControllerInputs& inputs) {
  BudgetOptions options;
  if (!TakeDepth(rest, options.depth)) return WrongForm(written, "bad depth after \"budget:\"");
  if (!rest.empty()) return WrongForm(written, "\"" + std::string(rest) + "\" is not understood");
  if (!inputs.target_pass) return NoProfile(written);

  const std::vector<int> sizes = inputs.measured_rows.empty() ? UsualSizes() : inputs.measured_rows;
  const double context =
      inputs.max_context > 0 ? std::min(kTableContext, inputs.max_context) : kTableContext;
  const int rows_each = options.depth + 1;
  // As few sequences as can have so many rows: a batch that verifies to full depth.
  const CostStaircase verify(sizes, kLargestTableSize, [&](int rows) {
    return inputs.target_pass((rows + rows_each - 1) / rows_each, rows, context);
  });
  const CostStaircase draft(sizes, kLargestTableSize, [&](int sequences) {
    if (!inputs.draft_pass) return Seconds(0);
    return options.depth * inputs.draft_pass(sequences, sequences, context);
  });
  return MadeController(
      std::make_unique<BudgetController>(std::string(written), options, verify, draft));
}

}  // namespace turbospec
