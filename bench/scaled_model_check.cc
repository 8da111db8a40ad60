// Whether a scaled model (turbospec scale-model) writes what its small one writes, and what a pass
// of it takes: scaled_model_check SMALL SCALED. Exit status 0: alike, or different only where two
// tokens are all but equally likely; 1: different elsewhere, or it could not be checked.
// docs/scaled_models.md shows what it prints.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/scaled/held_out_prompts.h"
#include "bench/scaled/model_agreement.h"
#include "bench/scaled/pass_staircase.h"
#include "cli/openmp_spin.h"
#include "model/llama/llama_loader.h"
#include "workload/workload.h"

namespace turbospec {
namespace {

struct Options {
  std::string small;
  std::string scaled;
  std::string workload = "bench/workloads";
  int prompts = 50;
  int tokens = 64;
  float near_tie = 0.1F;
  int rounds = 5;
  int threads = 0;
};

struct Parts {
  std::unique_ptr<LlamaBackend> backend;  // first, so that it goes last
  LlamaModels models;                     // target = the small one, draft = the scaled one

  Model& small() { return *models.target; }
  Model& scaled() { return *models.draft; }
};

// The loader's rules for a draft are the ones needed here: one vocabulary, one set of slots.
Result<Parts> Load(const Options& options, int slots) {
  Parts parts;
  auto backend = LlamaBackend::Create({});
  if (!backend.ok()) return backend.error();
  parts.backend = *std::move(backend);
  LlamaLoadOptions load;
  load.target.path = options.small;
  load.draft = LlamaWeightsOptions{.path = options.scaled};
  load.target_model = {.slots = slots, .threads = options.threads};
  load.draft_model = load.target_model;
  auto models = LoadLlamaModels(*parts.backend, load);
  if (!models.ok()) return models.error();
  parts.models = *std::move(models);
  if (!parts.models.draft) return Unsupported(parts.models.note);
  // Wherever it saves a pass.
  const PassCost alike = [](int, int, double) { return Seconds(1); };
  parts.models.target->FillGaps(alike);
  parts.models.draft->FillGaps(alike);
  return parts;
}

Result<std::string> TextOf(const WorkloadItem& item, const ChatTemplate& chat) {
  if (item.messages.empty()) return item.prompt;
  std::vector<ChatMessage> messages;
  for (const WorkloadMessage& message : item.messages) {
    messages.push_back({message.role, message.content});
  }
  return chat.Render(messages);
}

Result<std::vector<AgreementPrompt>> Prompts(const Options& options, const LlamaModels& models) {
  auto workload = LoadWorkload(options.workload);
  if (!workload.ok()) return workload.error();
  std::vector<AgreementPrompt> prompts;
  for (const WorkloadItem& item :
       HeldOutInTurn(*workload, static_cast<std::size_t>(options.prompts))) {
    auto text = TextOf(item, *models.chat_template);
    if (!text.ok()) return text.error();
    auto tokens = models.tokenizer->Encode(*text, {.add_special = true, .parse_special = true});
    if (!tokens.ok()) return tokens.error();
    prompts.push_back({item.id, *std::move(tokens)});
  }
  if (prompts.empty()) return NotFound("there is no held-out prompt in " + options.workload);
  return prompts;
}

void PrintDivergence(const Divergence& divergence, const Tokenizer& tokenizer, float near_tie) {
  fmt::print("  {} token {}: small \"{}\" by {:.4f}, scaled \"{}\" by {:.4f}{}\n",
             divergence.prompt, divergence.position + 1,
             tokenizer.Piece(divergence.reference_token), divergence.reference_gap,
             tokenizer.Piece(divergence.candidate_token), divergence.candidate_gap,
             divergence.IsNearTie(near_tie) ? "" : "  NO NEAR TIE");
}

// True when every divergence is a near tie and every logit a number.
bool PrintAgreement(const Agreement& agreement, const Tokenizer& tokenizer, float near_tie) {
  bool near_ties_only = std::isfinite(agreement.largest_logit_difference);
  float largest_gap = 0;
  for (const Divergence& divergence : agreement.divergences) {
    PrintDivergence(divergence, tokenizer, near_tie);
    near_ties_only = near_ties_only && divergence.IsNearTie(near_tie);
    largest_gap = std::max({largest_gap, divergence.reference_gap, divergence.candidate_gap});
  }
  fmt::print("{} prompts, {} wholly alike; {} tokens compared, {} differ\n", agreement.prompts,
             agreement.prompts_alike, agreement.tokens_compared, agreement.divergences.size());
  fmt::print("largest gap of two logits where they differ: {:.4f} (near tie: at most {:g})\n",
             largest_gap, near_tie);
  fmt::print("largest difference of a logit anywhere: {:.4f}; logits of a row span up to {:.1f}\n",
             agreement.largest_logit_difference, agreement.largest_logit_span);
  return near_ties_only;
}

Result<bool> CheckText(const Options& options, Parts& parts) {
  auto prompts = Prompts(options, parts.models);
  if (!prompts.ok()) return prompts.error();
  fmt::print("{} against {}: greedy, at most {} tokens a prompt\n", parts.scaled().info().name,
             parts.small().info().name, options.tokens);
  auto agreement = CompareGreedy(parts.small(), parts.scaled(), *parts.models.tokenizer, *prompts,
                                 options.tokens);
  if (!agreement.ok()) return agreement.error();
  return PrintAgreement(*agreement, *parts.models.tokenizer, options.near_tie);
}

std::string Milliseconds(const PassTimes& times) {
  return fmt::format("{:.1f} ({:.1f}..{:.1f})", 1e3 * times.median.count(),
                     1e3 * times.fastest.count(), 1e3 * times.slowest.count());
}

Status PrintStaircase(const StaircaseOptions& options, Model& model) {
  const SteadyClock clock;
  auto stairs = MeasureStaircase(model, clock, options);
  if (!stairs.ok()) return stairs.error();
  fmt::print("\na pass of {}, context {}; ms, median (min..max) of {}\n", model.info().name,
             options.context, options.rounds);
  fmt::print("{:>4}  {:>26}  {:>26}\n", "rows", "one sequence", "one row per sequence");
  for (const Stair& stair : *stairs) {
    fmt::print("{:>4}  {:>26}  {:>26}\n", stair.rows, Milliseconds(stair.one_sequence),
               Milliseconds(stair.one_row_each));
  }
  return Ok();
}

int Fail(const Error& error) {
  std::cerr << "scaled_model_check: " << error.message << "\n";
  return 1;
}

int Check(const Options& options) {
  const StaircaseOptions staircase{.rounds = options.rounds};
  auto parts = Load(options, std::ranges::max(staircase.rows));
  if (!parts.ok()) return Fail(parts.error());
  auto alike = CheckText(options, *parts);
  if (!alike.ok()) return Fail(alike.error());
  std::fflush(stdout);
  if (options.rounds > 0) {
    if (Status printed = PrintStaircase(staircase, parts->scaled()); !printed.ok()) {
      return Fail(printed.error());
    }
  }
  return *alike ? 0 : 1;
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("Compares the text of a scaled model with its small one's, and times its passes");
  app.add_option("small", options.small, "the model that was scaled")->required();
  app.add_option("scaled", options.scaled, "what scale-model made of it")->required();
  app.add_option("--workload", options.workload, "file or folder")->capture_default_str();
  app.add_option("--prompts", options.prompts, "held-out prompts, the classes in turn")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--tokens", options.tokens, "compared per prompt, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--near-tie", options.near_tie, "logits this close may part")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "of the pass times; 0 = leave them out")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--threads", options.threads, "0 = all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return Check(options);
}

}  // namespace
}  // namespace turbospec

int main(int argc, char** argv) {
  turbospec::cli::LimitOpenMpSpinning(argv);
  return turbospec::Run(argc, argv);
}
