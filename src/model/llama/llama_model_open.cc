// The part of LlamaModel that runs once: options into a libllama context.
#include <ggml.h>
#include <llama.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>

#include "core/random.h"
#include "model/llama/llama_model.h"
#include "model/llama/memory_budget.h"

namespace turbospec {
namespace {

// Models state contexts of 128k tokens and more; that much KV memory must be asked for.
constexpr int kDefaultContextCap = 4096;
constexpr std::uint64_t kMemoryStep = 256;  // libllama rounds a slot's cells up to this

struct KvType {
  const char* name;
  ggml_type type;
};
constexpr KvType kKvTypes[] = {{"f32", GGML_TYPE_F32},   {"f16", GGML_TYPE_F16},
                               {"bf16", GGML_TYPE_BF16}, {"q8_0", GGML_TYPE_Q8_0},
                               {"q5_1", GGML_TYPE_Q5_1}, {"q5_0", GGML_TYPE_Q5_0},
                               {"q4_1", GGML_TYPE_Q4_1}, {"q4_0", GGML_TYPE_Q4_0}};

std::optional<ggml_type> FindKvType(const std::string& name) {
  for (const KvType& known : kKvTypes) {
    if (name == known.name) return known.type;
  }
  return std::nullopt;
}

int HeadWidth(const LlamaWeights& weights, const char* which) {
  const std::string stated =
      weights.Metadata(weights.architecture() + ".attention." + which + "_length");
  const int heads = std::max(1, llama_model_n_head(weights.get()));
  return stated.empty() ? llama_model_n_embd(weights.get()) / heads : std::atoi(stated.c_str());
}

// The KV memory of plain attention in every layer: the most that libllama takes for it.
std::uint64_t KvBytes(const LlamaWeights& weights, std::uint64_t cells, ggml_type type) {
  const int heads = std::max(1, llama_model_n_head_kv(weights.get()));
  const std::int64_t width = heads * (HeadWidth(weights, "key") + HeadWidth(weights, "value"));
  const auto layers = static_cast<std::uint64_t>(llama_model_n_layer(weights.get()));
  return cells * layers * ggml_row_size(type, width);
}

std::uint64_t RoundUp(std::uint64_t value, std::uint64_t step) {
  return (value + step - 1) / step * step;
}

// `limit` 0 = none.
int AtMost(int value, int limit) {
  return limit > 0 ? std::min(value, limit) : value;
}

int Threads(int asked) {
  if (asked > 0) return asked;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

Status Validate(const LlamaModelOptions& options) {
  const auto most_slots = static_cast<int>(llama_max_parallel_sequences());
  if (options.slots < 1 || options.slots > most_slots) {
    return InvalidArgument("slots must be 1 to " + std::to_string(most_slots));
  }
  if (options.context_per_slot < 0 || options.context_per_slot > (1 << 24)) {
    return InvalidArgument("context_per_slot must be 0 (from the model) to 16777216");
  }
  if (options.threads < 0 || options.threads_batch < 0 || options.threads > 512 ||
      options.threads_batch > 512) {
    return InvalidArgument("threads must be 0 (all) to 512");
  }
  if (options.max_rows_per_forward < options.slots || options.max_rows_per_forward < 3) {
    return InvalidArgument("max_rows_per_forward must be at least 3 and at least the slots");
  }
  if (options.max_rows_per_pass < 0 ||
      (options.max_rows_per_pass > 0 && options.max_rows_per_pass < options.slots)) {
    return InvalidArgument("max_rows_per_pass must be 0 (no limit) or at least the slots");
  }
  if (options.max_logits_per_forward < 0) {
    return InvalidArgument("max_logits_per_forward must not be negative");
  }
  if (!FindKvType(options.kv_type)) {
    return InvalidArgument("unknown KV type \"" + options.kv_type +
                           "\"; use f32, f16, bf16, q8_0, q5_1, q5_0, q4_1 or q4_0");
  }
  const bool quantised = options.kv_type[0] == 'q';
  if (quantised && !options.flash_attention) {
    return InvalidArgument("a quantised KV memory needs flash attention");
  }
  return Ok();
}

Status LlamaModel::Open() {
  const std::uint64_t cells = Describe();
  if (cells > (1u << 30)) return InvalidArgument("slots x context_per_slot is too large");
  const std::string what = "the KV memory of " + std::to_string(info_.slots) + " slots x " +
                           std::to_string(info_.context_per_slot) + " tokens for " + info_.name;
  if (options_.check_memory && !weights_->on_gpu()) {
    const Status fits = CheckMemory(what, KvBytes(*weights_, cells, *FindKvType(options_.kv_type)),
                                    AvailableMemoryBytes());
    if (!fits.ok()) return fits;
  }
  const LlamaLogCapture log(weights_->backend());
  context_ = llama_init_from_model(weights_->get(), ContextParams(cells));
  if (context_ == nullptr) {
    const std::string text = log.Text();
    const std::string message =
        what + " could not be set up" + (text.empty() ? "" : " (" + text + ")");
    if (text.find("alloc") != std::string::npos) return ResourceExhausted(message);
    return Internal(message);
  }
  if (llama_get_memory(context_) == nullptr) {
    return Unsupported(info_.name + " keeps no KV memory; it cannot generate text");
  }
  if (static_cast<int>(llama_n_ctx_seq(context_)) < info_.context_per_slot ||
      static_cast<int>(llama_n_batch(context_)) < info_.max_rows_per_forward) {
    return Internal(what + ": libllama gave less than was asked for");
  }
  ReserveBuffers();
  return Ok();
}

// Fills in info_ from the options; returns the KV cells to ask for.
std::uint64_t LlamaModel::Describe() {
  const int trained = weights_->trained_context();
  int context = options_.context_per_slot;
  if (context == 0 && trained > 0) context = std::min(trained, kDefaultContextCap);
  if (context == 0) context = kDefaultContextCap;
  const std::uint64_t cells = static_cast<std::uint64_t>(options_.slots) *
                              RoundUp(static_cast<std::uint64_t>(context), kMemoryStep);
  // libllama takes no batch larger than its memory.
  const int rows =
      static_cast<int>(std::min(cells, static_cast<std::uint64_t>(options_.max_rows_per_forward)));
  info_.name = weights_->name();
  info_.vocabulary_size = llama_vocab_n_tokens(weights_->vocabulary());
  info_.slots = options_.slots;
  info_.context_per_slot = context;
  info_.max_rows_per_forward = rows;
  info_.max_logits_per_forward = AtMost(rows, options_.max_logits_per_forward);
  // Recurrent state is always computed sequence by sequence.
  const bool stateful =
      llama_model_is_recurrent(weights_->get()) || llama_model_is_hybrid(weights_->get());
  info_.batch_rule =
      options_.unified_kv && !stateful ? BatchRule::kOnePass : BatchRule::kEqualLength;
  // What changes the time of a pass; slots, context and gap filling do not.
  const std::uint64_t settings = static_cast<std::uint64_t>(*FindKvType(options_.kv_type)) |
                                 (options_.unified_kv ? 1u << 16 : 0u) |
                                 (options_.flash_attention ? 1u << 17 : 0u);
  const auto pass_rows = static_cast<std::uint64_t>(AtMost(rows, options_.max_rows_per_pass));
  info_.fingerprint = MixBits(weights_->fingerprint() ^ MixBits(settings << 32 | pass_rows));
  return cells;
}

llama_context_params LlamaModel::ContextParams(std::uint64_t cells) {
  const int rows = info_.max_rows_per_forward;
  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(cells);
  params.n_seq_max = static_cast<std::uint32_t>(info_.slots);
  params.n_batch = static_cast<std::uint32_t>(rows);
  params.n_ubatch = static_cast<std::uint32_t>(AtMost(rows, options_.max_rows_per_pass));
  // Never below the slots: libllama sizes its buffers for one output of each.
  params.n_outputs_max =
      static_cast<std::uint32_t>(std::max(info_.max_logits_per_forward, info_.slots));
  params.n_threads = Threads(options_.threads);
  params.n_threads_batch = options_.threads_batch > 0 ? options_.threads_batch : params.n_threads;
  params.type_k = *FindKvType(options_.kv_type);
  params.type_v = params.type_k;
  params.flash_attn_type =
      options_.flash_attention ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.kv_unified = options_.unified_kv;
  params.swa_full = true;  // a sliding window that forgets cannot be truncated
  params.no_perf = false;  // reused_graphs()
  if (options_.count_passes) {
    params.cb_eval = &LlamaModel::OnNode;
    params.cb_eval_user_data = this;
  }
  if (options_.cancelled) {
    params.abort_callback = &LlamaModel::OnAbort;
    params.abort_callback_data = this;
  }
  return params;
}

void LlamaModel::ReserveBuffers() {
  const auto rows = static_cast<std::size_t>(info_.max_rows_per_forward);
  lengths_.assign(static_cast<std::size_t>(info_.slots), 0);
  rows_by_slot_.assign(static_cast<std::size_t>(info_.slots), 0);
  tokens_.reserve(rows);
  positions_.reserve(rows);
  slots_.reserve(rows);
  slot_pointers_.reserve(rows);
  slot_counts_.assign(rows, 1);
  wants_logits_.reserve(rows);
  batch_index_.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) slot_pointers_.push_back(slots_.data() + i);
}

}  // namespace turbospec
