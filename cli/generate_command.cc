#include "cli/generate_command.h"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>
#include <vector>

#include "cli/assembly.h"
#include "cli/generate_job.h"
#include "cli/generate_report.h"

namespace turbospec::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void OnInterrupt(int) {
  interrupted = 1;
}

// Prints one request's output: as it comes when it is the only one, else in one piece at its end.
class PrintingSink final : public GenerationSink {
 public:
  PrintingSink(int index, const GenerateFlags& flags, const RequestFlags& request, bool alone,
               int& left, bool& failed)
      : index_(index),
        flags_(flags),
        request_(request),
        alone_(alone),
        left_(left),
        failed_(failed) {}

  void Deliver(OutputDelta delta) override {
    text_ += delta.text;
    if (flags_.json) {
      std::ranges::move(delta.tokens, std::back_inserter(tokens_));
    } else if (alone_) {
      std::cout << delta.text << std::flush;
    }
    if (!delta.finish) return;
    --left_;
    Finished(delta);
  }

 private:
  void Finished(const OutputDelta& last) {
    const Finish& finish = *last.finish;
    if (finish.error) {
      failed_ = true;
      std::cerr << "turbospec: prompt " << index_ << ": " << finish.error->message << "\n";
    }
    if (flags_.json) {
      const auto json = ResultJson(index_, text_, last, tokens_, request_.sampling.logprobs);
      std::cout << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
    } else if (alone_) {
      std::cout << std::endl;
    } else {
      std::cout << "=== " << index_ << "\n" << text_ << std::endl;
    }
  }

  const int index_;
  const GenerateFlags& flags_;
  const RequestFlags& request_;
  const bool alone_;
  int& left_;
  bool& failed_;
  std::string text_;
  std::vector<OutputToken> tokens_;
};

int Fail(const Error& error) {
  std::cerr << "turbospec: " << error.message << "\n";
  return 1;
}

Result<std::string> ReadText(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return NotFound("cannot read \"" + path + "\"");
  return text;
}

Result<std::vector<GenerateJob>> Jobs(const GenerateFlags& flags) {
  const int sources = (flags.prompt.empty() ? 0 : 1) + (flags.file.empty() ? 0 : 1) +
                      (flags.json_lines.empty() ? 0 : 1);
  if (sources != 1) {
    return InvalidArgument("give one of: a prompt, --file or --jsonl (try --help)");
  }
  if (flags.json_lines == "-") return ReadJsonLines(std::cin, flags.request);
  if (!flags.json_lines.empty()) {
    std::ifstream file(flags.json_lines);
    if (!file) return NotFound("cannot read \"" + flags.json_lines + "\"");
    return ReadJsonLines(file, flags.request);
  }
  std::string prompt = flags.prompt;
  if (prompt == "-" || !flags.file.empty()) {
    auto text = ReadText(flags.file.empty() ? prompt : flags.file);
    if (!text.ok()) return text.error();
    prompt = *std::move(text);
  }
  GenerateJob job{.prompt = prompt, .request = flags.request};
  if (flags.chat) job.messages = {{"user", std::move(prompt)}};
  return std::vector{std::move(job)};
}

Result<GenerationRequest> Prepare(const GenerateJob& job, const LoadedModels& models) {
  GenerationRequest request;
  EncodeOptions options;
  std::string text = job.prompt;
  if (!job.messages.empty()) {
    auto rendered = models.chat_template->Render(job.messages);
    if (!rendered.ok()) return rendered.error();
    text = *std::move(rendered);
    options.parse_special = true;
  }
  auto tokens = models.tokenizer->Encode(text, options);
  if (!tokens.ok()) return tokens.error();
  request.prompt = *std::move(tokens);
  const auto rule = ParseRule(job.request.rule);
  if (!rule.ok()) return rule.error();
  request.rule = *rule;
  if (!job.request.grammar.empty()) {
    auto grammar = models.grammar_compiler->Compile(job.request.grammar);
    if (!grammar.ok()) return grammar.error();
    request.grammar = *std::move(grammar);
  }
  request.sampling = job.request.sampling;
  request.seed_given = job.request.seed_given;
  request.max_tokens = job.request.max_tokens;
  request.stop = job.request.stop;
  request.ignore_end = job.request.ignore_end;
  return request;
}

Status SubmitJob(Assembly& assembly, const GenerateJob& job, std::shared_ptr<GenerationSink> sink) {
  auto request = Prepare(job, *assembly.models);
  if (!request.ok()) return request.error();
  auto id = assembly.engine->Submit(*std::move(request), std::move(sink));
  if (!id.ok()) return id.error();
  return Ok();
}

void ReportRefused(std::size_t index, const Error& error, const GenerateFlags& flags) {
  std::cerr << "turbospec: prompt " << index << ": " << error.message << "\n";
  if (flags.json) {
    std::cout << nlohmann::json{{"index", index}, {"error", error.message}}.dump() << std::endl;
  }
}

// Submits as the queue allows and turns the loop until every job has ended. A job that is refused
// does not keep the others from running. True when all succeeded.
bool RunAll(Assembly& assembly, const std::vector<GenerateJob>& jobs, const GenerateFlags& flags) {
  int left = static_cast<int>(jobs.size());
  bool failed = false;
  std::size_t next = 0;
  bool stopped = false;
  while (left > 0) {
    while (next < jobs.size() && !stopped &&
           assembly.engine->Snapshot().waiting < flags.engine.max_waiting) {
      auto sink = std::make_shared<PrintingSink>(static_cast<int>(next), flags, jobs[next].request,
                                                 jobs.size() == 1, left, failed);
      if (Status taken = SubmitJob(assembly, jobs[next], std::move(sink)); !taken.ok()) {
        ReportRefused(next, taken.error(), flags);
        failed = true;
        --left;
      }
      ++next;
    }
    if (interrupted && !stopped) {
      stopped = true;
      left -= static_cast<int>(jobs.size() - next);
      assembly.engine->Stop(Engine::StopMode::kNow);
    }
    assembly.engine->RunOnce();
  }
  return !failed;
}

}  // namespace

void DeclareGenerate(CLI::App& app, GenerateFlags& flags) {
  AddEngineFlags(app, flags.engine);
  AddRequestFlags(app, flags.request);
  app.add_option("prompt", flags.prompt, "the prompt; \"-\" reads it from standard input");
  app.add_option("--file", flags.file, "a text file as the prompt");
  app.add_option("--jsonl", flags.json_lines, "one JSON object per prompt; \"-\" = standard input");
  app.add_flag("--chat", flags.chat, "put the prompt through the chat template");
  app.add_flag("--json", flags.json, "print JSON lines: one per prompt, then a summary");
}

int RunGenerate(const GenerateFlags& flags) {
  if (Status valid = Validate(flags.engine); !valid.ok()) return Fail(valid.error());
  auto jobs = Jobs(flags);
  if (!jobs.ok()) return Fail(jobs.error());
  auto assembly = Assemble(
      flags.engine, [](const std::string& note) { std::cerr << "turbospec: " << note << "\n"; });
  if (!assembly.ok()) return Fail(assembly.error());
  std::signal(SIGINT, OnInterrupt);
  const Seconds start = assembly->clock->Now();
  const bool succeeded = RunAll(*assembly, *jobs, flags);
  const Seconds wall = assembly->clock->Now() - start;
  const EngineStatistics statistics = assembly->engine->Snapshot();
  if (flags.json) {
    std::cout << nlohmann::json{{"summary", SummaryJson(statistics, wall)}}.dump() << "\n";
  } else {
    std::cerr << SummaryLine(statistics, wall) << "\n";
  }
  if (interrupted) return 130;
  return succeeded ? 0 : 1;
}

}  // namespace turbospec::cli
