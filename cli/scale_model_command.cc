#include "cli/scale_model_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "model/llama/scaled_gguf.h"

namespace turbospec::cli {
namespace {

constexpr int kBarColumns = 40;
constexpr double kGigabyte = 1e9;

volatile std::sig_atomic_t interrupted = 0;

void OnInterrupt(int signal) {
  interrupted = signal;
}

void PrintBar(std::uint64_t written, std::uint64_t total) {
  const double share = static_cast<double>(written) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(share * kBarColumns);
  std::cerr << fmt::format("\r[{:<{}}] {:3.0f} % of {:.2f} GB", std::string(filled, '#'),
                           kBarColumns, share * 100, static_cast<double>(total) / kGigabyte)
            << std::flush;
}

}  // namespace

void DeclareScaleModel(CLI::App& app, ScaleModelFlags& flags) {
  app.add_option("source", flags.source, "a small GGUF model of architecture llama")->required();
  app.add_option("output", flags.output, "the GGUF file to write")->required();
  app.add_option("--like", flags.like, "1b, 3b, 7b or WIDTHxLAYERSxFFNxHEADSxKV")
      ->capture_default_str();
  app.add_option("--type", flags.type, "of the matrices: q8_0, q4_0 or f16")->capture_default_str();
}

int RunScaleModel(const ScaleModelFlags& flags) {
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGTERM, OnInterrupt);
  const bool has_bar = ::isatty(STDERR_FILENO) == 1;
  ScaleOptions options = {
      .source = flags.source, .output = flags.output, .like = flags.like, .type = flags.type};
  bool drawn = false;
  options.progress = [&](std::uint64_t written, std::uint64_t total) {
    if (has_bar) PrintBar(written, total);
    drawn = has_bar;
    return interrupted == 0;
  };
  const auto model = ScaleGguf(options);
  if (drawn) std::cerr << "\n";
  if (!model.ok()) {
    std::cerr << "turbospec: " << model.error().message << "\n";
    return interrupted != 0 ? 128 + interrupted : 1;
  }
  std::cerr << fmt::format(
      "turbospec: {} has {:.2f} billion parameters ({}), {:.2f} GB; it computes what {} ({}) "
      "computes\n",
      flags.output, static_cast<double>(model->parameters) / 1e9, ShapeText(model->to),
      static_cast<double>(model->file_bytes) / kGigabyte, flags.source, ShapeText(model->from));
  return 0;
}

}  // namespace turbospec::cli
