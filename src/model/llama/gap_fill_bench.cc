// Times one Forward of gapped batches with and without filling. Timed: Forward and the truncation
// back to the context; not timed: loading, the first pass of each shape.
//   gap_fill_bench MODEL.gguf [threads [rounds]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/clock.h"
#include "model/llama/llama_model.h"

namespace turbospec {
namespace {

constexpr int kContext = 64;

std::vector<Row> RowsOf(const std::vector<int>& rows_by_slot, int from) {
  std::vector<Row> rows;
  for (std::size_t s = 0; s < rows_by_slot.size(); ++s) {
    for (int i = 0; i < rows_by_slot[s]; ++i) {
      rows.push_back({static_cast<SlotId>(s), from + i, 300 + static_cast<int>(s) * 31 + i, true});
    }
  }
  return rows;
}

double MillisecondsOf(LlamaModel& model, const std::vector<Row>& rows) {
  const SteadyClock clock;
  const auto start = clock.Now();
  if (!model.Forward(rows).ok()) std::exit(1);
  for (const Row& row : rows) {
    if (!model.Truncate(row.slot, kContext).ok()) std::exit(1);
  }
  return (clock.Now() - start).count() * 1e3;
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

int Run(const std::string& path, int threads, int rounds) {
  auto backend = LlamaBackend::Create({});
  if (!backend.ok()) return 1;
  auto weights = LlamaWeights::Load(**backend, {.path = path});
  if (!weights.ok()) return 1;
  LlamaModelOptions options{.slots = 8, .context_per_slot = 512, .threads = threads};
  auto plain = LlamaModel::Create(*weights, options);
  auto filling = LlamaModel::Create(*weights, options);
  if (!plain.ok() || !filling.ok()) return 1;
  // Wherever it saves a pass.
  (*filling)->FillGaps([](int, int, double) { return Seconds(1); });
  for (LlamaModel* model : {plain->get(), filling->get()}) {
    for (int s = 0; s < 8; ++s) {
      std::vector<int> prompt(8, 0);
      prompt[static_cast<std::size_t>(s)] = kContext;
      if (!model->Forward(RowsOf(prompt, 0)).ok()) return 1;
    }
  }
  const std::vector<std::vector<int>> shapes = {{1, 0, 1},
                                                {1, 0, 0, 1},
                                                {1, 0, 0, 0, 0, 1},
                                                {1, 1, 0, 1, 1},
                                                {1, 0, 1, 0, 1},
                                                {1, 0, 1, 0, 1, 0, 1},
                                                {1, 1, 1, 0, 1, 1, 1},
                                                {3, 0, 3},
                                                {5, 0, 5},
                                                {5, 0, 0, 5},
                                                {5, 5, 0, 5, 5},
                                                {5, 0, 5, 0, 5, 0, 5},
                                                {5, 5, 5, 0, 5, 5, 5},
                                                {9, 0, 9},
                                                {9, 9, 0, 9, 9}};
  std::printf("%-18s %8s %8s %8s %8s %8s\n", "rows", "passes", "filled", "ms", "ms fill", "ratio");
  for (std::vector<int> shape : shapes) {
    shape.resize(8, 0);
    const auto rows = RowsOf(shape, kContext);
    std::vector<double> without;
    std::vector<double> with;
    for (int i = 0; i < rounds; ++i) {  // in turn: these machines drift
      without.push_back(MillisecondsOf(**plain, rows));
      with.push_back(MillisecondsOf(**filling, rows));
    }
    std::string name;
    for (const int n : shape) name += std::to_string(n) + " ";
    std::printf("%-18s %8zu %8zu %8.3f %8.3f %8.2f\n", name.c_str(), (*plain)->Passes(shape).size(),
                (*filling)->Passes(shape).size(), Median(without), Median(with),
                Median(without) / Median(with));
  }
  return 0;
}

}  // namespace
}  // namespace turbospec

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "gap_fill_bench MODEL.gguf [threads [rounds]]\n"), 2;
  return turbospec::Run(argv[1], argc > 2 ? std::atoi(argv[2]) : 0,
                        argc > 3 ? std::atoi(argv[3]) : 60);
}
