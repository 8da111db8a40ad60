// Makes a running set of parts from flags: models, tokenizer, chat template, proposers, controller,
// engine. The one place where concrete classes meet.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "core/clock.h"
#include "core/result.h"
#include "decisions/decision_log.h"
#include "engine/engine.h"
#include "model/chat_template.h"
#include "model/grammar.h"
#include "model/tokenizer.h"

namespace turbospec::cli {

// What outlives the engine; interfaces only. Destroyed after it.
struct LoadedModels {
  virtual ~LoadedModels() = default;
  std::string target_name;
  std::string draft_name;          // "" = none
  std::vector<std::string> notes;  // what a user should know, e.g. why speculation is off
  const Tokenizer* tokenizer = nullptr;
  const ChatTemplate* chat_template = nullptr;
  const GrammarCompiler* grammar_compiler = nullptr;
};

struct Assembly {
  std::unique_ptr<SteadyClock> clock;
  std::unique_ptr<LoadedModels> models;
  std::unique_ptr<DecisionLog> decisions;  // null = not logged; whole once it is gone
  std::unique_ptr<Engine> engine;
};

// `note` gets progress and warnings for people; it is kept, and called from another thread as well
// when decisions are logged.
Result<Assembly> Assemble(const EngineFlags& flags,
                          const std::function<void(const std::string&)>& note);

}  // namespace turbospec::cli
