#include "model/llama/llama_model.h"

#include <ggml.h>
#include <llama.h>

#include <algorithm>
#include <array>
#include <exception>
#include <numeric>
#include <utility>

#include "model/row_contract.h"

namespace turbospec {
namespace {

// What a computation that threw is reported as; libllama's own codes are small.
constexpr int kThrew = -1000;

}  // namespace

LlamaModel::LlamaModel(std::shared_ptr<const LlamaWeights> weights,
                       const LlamaModelOptions& options)
    : weights_(std::move(weights)), options_(options) {}

LlamaModel::~LlamaModel() {
  llama_free(context_);
}

Result<std::unique_ptr<LlamaModel>> LlamaModel::Create(std::shared_ptr<const LlamaWeights> weights,
                                                       const LlamaModelOptions& options) {
  if (Status valid = Validate(options); !valid.ok()) return valid.error();
  std::unique_ptr<LlamaModel> model(new LlamaModel(std::move(weights), options));
  if (Status opened = model->Open(); !opened.ok()) return opened.error();
  if (Status warm = model->WarmUp(); !warm.ok()) return warm.error();
  return model;
}

Status LlamaModel::WarmUp() {
  info_.can_truncate = true;
  if (Status probed = Probe(); !probed.ok()) return probed;
  llama_memory_clear(llama_get_memory(context_), /*data=*/true);
  std::fill(lengths_.begin(), lengths_.end(), 0);
  batch_index_.clear();
  computed_passes_ = 0;
  llama_perf_context_reset(context_);
  return Ok();
}

// Three tokens in, two out, one in again: what every step of speculation does.
Status LlamaModel::Probe() {
  const std::array<Row, 3> rows = {Row{0, 0, 0, false}, Row{0, 1, 0, true}, Row{0, 2, 0, false}};
  if (Status first = Forward(rows); !first.ok()) return first;
  const llama_memory_t memory = llama_get_memory(context_);
  const bool never =
      llama_model_is_recurrent(weights_->get()) || llama_model_is_hybrid(weights_->get());
  info_.can_truncate =
      !never && llama_memory_seq_rm(memory, 0, 1, -1) && llama_memory_seq_pos_max(memory, 0) == 0;
  if (!info_.can_truncate) return Ok();
  lengths_[0] = 1;
  return Forward(std::span(rows).subspan(1, 1));
}

Status LlamaModel::Forward(std::span<const Row> rows) {
  batch_index_.clear();
  if (Status checked = CheckRows(*this, rows); !checked.ok()) return checked;
  std::ranges::fill(rows_by_slot_, 0);
  for (const Row& row : rows) ++rows_by_slot_[static_cast<std::size_t>(row.slot)];
  const std::vector<int> fillers = PlanFillers(rows_by_slot_);
  BuildBatch(rows, fillers);
  const LlamaLogCapture log(weights_->backend());
  if (const int code = Decode(); code != 0) {
    batch_index_.clear();
    Restore(fillers);
    return DecodeError(code, log.Text());
  }
  for (std::size_t s = 0; s < rows_by_slot_.size(); ++s) {
    lengths_[s] += rows_by_slot_[s];
    if (s < fillers.size() && fillers[s] > 0) {
      llama_memory_seq_rm(llama_get_memory(context_), static_cast<SlotId>(s), lengths_[s], -1);
    }
  }
  return Ok();
}

void LlamaModel::BuildBatch(std::span<const Row> rows, std::span<const int> fillers) {
  tokens_.clear();
  positions_.clear();
  slots_.clear();
  wants_logits_.clear();
  SlotId next = 0;  // the first slot whose fillers are not in yet
  const auto fill_up_to = [&](SlotId slot) {
    for (; next < slot && next < static_cast<SlotId>(fillers.size()); ++next) {
      for (int i = 0; i < fillers[static_cast<std::size_t>(next)]; ++i) {
        Append(next, Length(next) + i, /*token=*/0, /*wants_logits=*/false);
      }
    }
  };
  for (const Row& row : rows) {
    fill_up_to(row.slot);
    batch_index_.push_back(row.wants_logits ? static_cast<int>(tokens_.size()) : -1);
    Append(row.slot, row.position, row.token, row.wants_logits);
  }
}

void LlamaModel::Append(SlotId slot, int position, TokenId token, bool wants_logits) {
  tokens_.push_back(token);
  positions_.push_back(position);
  slots_.push_back(slot);
  wants_logits_.push_back(wants_logits ? 1 : 0);
}

int LlamaModel::Decode() {
  // slot_pointers_ point into slots_, which never moves: Open fixed its capacity.
  const llama_batch batch = {.n_tokens = static_cast<std::int32_t>(tokens_.size()),
                             .token = tokens_.data(),
                             .embd = nullptr,
                             .pos = positions_.data(),
                             .n_seq_id = slot_counts_.data(),
                             .seq_id = slot_pointers_.data(),
                             .logits = wants_logits_.data()};
  try {
    const int code = llama_decode(context_, batch);
    // A GPU computes behind our back; a Forward that returns early would measure nothing.
    llama_synchronize(context_);
    return code;
  } catch (const std::exception&) {
    return kThrew;
  }
}

Error LlamaModel::DecodeError(int code, const std::string& log) const {
  const std::string where =
      info_.name + ": " + std::to_string(tokens_.size()) + " rows could not be computed: ";
  const std::string detail = log.empty() ? "" : " (" + log + ")";
  switch (code) {
    case 1:
      return ResourceExhausted(where + "no room left in the KV memory" + detail);
    case 2:
      return Cancelled(where + "cancelled");
    case -1:
      return Internal(where + "libllama refused the batch" + detail);
    case -2:
      return ResourceExhausted(where + "not enough memory for the computation" + detail);
    case kThrew:
      return Internal(where + "libllama threw an exception" + detail);
    default:
      return Internal(where + "libllama failed with code " + std::to_string(code) + detail);
  }
}

// libllama may have kept the passes before the one that failed.
void LlamaModel::Restore(std::span<const int> fillers) {
  const llama_memory_t memory = llama_get_memory(context_);
  for (std::size_t s = 0; s < lengths_.size(); ++s) {
    if (rows_by_slot_[s] == 0 && (s >= fillers.size() || fillers[s] == 0)) continue;
    const auto slot = static_cast<SlotId>(s);
    if (llama_memory_seq_pos_max(memory, slot) < lengths_[s]) continue;
    if (llama_memory_seq_rm(memory, slot, lengths_[s], -1)) continue;
    llama_memory_seq_rm(memory, slot, -1, -1);
    lengths_[s] = 0;
  }
}

std::span<const float> LlamaModel::Logits(int row) const {
  if (row < 0 || row >= std::ssize(batch_index_)) return {};
  const int index = batch_index_[static_cast<std::size_t>(row)];
  if (index < 0) return {};
  const float* logits = llama_get_logits_ith(context_, index);
  if (logits == nullptr) return {};
  return {logits, static_cast<std::size_t>(info_.vocabulary_size)};
}

int LlamaModel::Length(SlotId slot) const {
  return lengths_.at(static_cast<std::size_t>(slot));
}

Status LlamaModel::Truncate(SlotId slot, int length) {
  int& held = lengths_.at(static_cast<std::size_t>(slot));
  if (length >= held) return Ok();
  if (length > 0 && !info_.can_truncate) {
    return Unsupported("the memory of " + info_.name + " cannot be truncated");
  }
  if (!llama_memory_seq_rm(llama_get_memory(context_), slot, length > 0 ? length : -1, -1)) {
    return Internal("libllama could not truncate slot " + std::to_string(slot));
  }
  held = std::max(length, 0);
  return Ok();
}

int LlamaModel::rows_per_pass() const {
  return static_cast<int>(llama_n_ubatch(context_));
}

std::vector<int> LlamaModel::PlanFillers(std::span<const int> rows_by_slot) const {
  if (!info_.fills_gaps) return {};
  return PlanGapFill(
      rows_by_slot, lengths_, info_.context_per_slot,
      {.max_rows_per_pass = rows_per_pass(), .max_rows_per_forward = info_.max_rows_per_forward},
      prices_);
}

void LlamaModel::FillGaps(PassCost prices) {
  prices_ = std::move(prices);
  info_.fills_gaps = static_cast<bool>(prices_) && info_.can_truncate &&
                     info_.batch_rule == BatchRule::kEqualLength;
}

std::vector<Pass> LlamaModel::Passes(std::span<const int> rows_by_slot) const {
  const std::vector<int> fillers = PlanFillers(rows_by_slot);
  if (fillers.empty()) return SplitIntoPasses(info_.batch_rule, rows_by_slot, rows_per_pass());
  return SplitFilled(rows_by_slot, fillers, rows_per_pass());
}

std::int64_t LlamaModel::reused_graphs() const {
  return llama_perf_context(context_).n_reused;
}

// libllama asks about every node of a graph, in order; answering "no" keeps the nodes together, so
// the computation itself does not change. Names repeat in every graph and are unique in one.
bool LlamaModel::OnNode(ggml_tensor* node, bool ask, void* self) {
  auto* model = static_cast<LlamaModel*>(self);
  if (!ask) return true;
  if (model->first_node_.empty()) model->first_node_ = node->name;
  if (model->first_node_ == node->name) ++model->computed_passes_;
  return false;
}

bool LlamaModel::OnAbort(void* self) {
  return static_cast<LlamaModel*>(self)->options_.cancelled();
}

}  // namespace turbospec
