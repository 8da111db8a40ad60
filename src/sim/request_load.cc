#include "sim/request_load.h"

#include <algorithm>
#include <utility>

#include "core/random.h"

namespace turbospec {
namespace {

constexpr double kCharactersPerToken = 3.5;

// One item a class, so that the mix alone decides what comes.
Workload DrawnWorkload(const Scenario& scenario) {
  Workload workload;
  for (const RequestClass& each : scenario.classes) {
    workload.items.push_back({.id = each.name,
                              .class_name = each.name,
                              .split = Split::kTune,
                              .prompt = each.name,
                              .messages = {},
                              .max_tokens = each.output_tokens});
  }
  return workload;
}

Mix MixOf(const Scenario& scenario) {
  Mix mix;
  for (const RequestClass& each : scenario.classes) mix.shares.push_back({each.name, each.share});
  return mix;
}

int PromptTokens(const WorkloadItem& item) {
  std::size_t characters = item.prompt.size();
  for (const WorkloadMessage& message : item.messages) characters += message.content.size();
  return 1 + static_cast<int>(static_cast<double>(characters) / kCharactersPerToken);
}

// mean x (1 +- spread), evenly.
int Drawn(int mean, double spread, double uniform) {
  return std::max(1, static_cast<int>(mean * (1 + spread * (2 * uniform - 1)) + 0.5));
}

}  // namespace

Result<std::vector<RequestLoad::Item>> RequestLoad::ReadItems(const Scenario& scenario,
                                                              const Workload& workload) {
  std::vector<Item> items;
  const bool drawn = scenario.workload.empty();
  for (const WorkloadItem& item : workload.items) {
    const auto found = std::ranges::find(scenario.classes, item.class_name, &RequestClass::name);
    Item read{.class_index = static_cast<std::size_t>(found - scenario.classes.begin())};
    if (!drawn) {
      read.prompt_tokens = PromptTokens(item);
      read.output_tokens = item.max_tokens;
      const int longest = read.prompt_tokens + read.output_tokens + RequestBook::kNameTokens;
      const bool asked = found != scenario.classes.end();
      if (asked && longest > scenario.context_per_slot) {
        return InvalidArgument("workload item \"" + item.id + "\" needs " +
                               std::to_string(longest) + " tokens of context");
      }
    }
    items.push_back(read);
  }
  return items;
}

Result<RequestLoad> RequestLoad::Create(const Scenario& scenario, RequestBook& book) {
  const int clients = scenario.slots * scenario.replicas;
  const std::string fill = "closed:" + std::to_string(clients);
  const std::string& written = scenario.arrivals.empty() ? fill : scenario.arrivals;
  auto plan =
      written.starts_with('{') ? ParsePhases(written, "arrivals") : LoadArrivalPlan(written);
  if (!plan.ok()) return plan.error();
  Workload workload = DrawnWorkload(scenario);
  if (!scenario.workload.empty()) {
    auto loaded = LoadWorkload(scenario.workload);
    if (!loaded.ok()) return loaded.error();
    workload = *std::move(loaded);
  }
  auto items = ReadItems(scenario, workload);
  if (!items.ok()) return items.error();
  auto stream = ArrivalStream::Create(*std::move(plan), workload, MixOf(scenario), Split::kTune,
                                      scenario.seed);
  if (!stream.ok()) return stream.error();
  return RequestLoad(scenario, book, *std::move(stream), *std::move(items));
}

RequestLoad::RequestLoad(const Scenario& scenario, RequestBook& book, ArrivalStream stream,
                         std::vector<Item> items)
    : classes_(scenario.classes),
      in_flight_(scenario.classes.size()),
      balanced_(scenario.balanced),
      seed_(scenario.seed),
      book_(&book),
      stream_(std::move(stream)),
      items_(std::move(items)) {}

// The class with the fewest requests in flight for its share, the first among equals.
std::size_t RequestLoad::MostMissingClass() const {
  std::size_t least = 0;
  for (std::size_t i = 1; i < classes_.size(); ++i) {
    if (in_flight_[i] / classes_[i].share < in_flight_[least] / classes_[least].share) least = i;
  }
  return least;
}

void RequestLoad::Completed(std::size_t request, Seconds at) {
  --in_flight_[book_->At(request).class_index];
  stream_.Completed(at);
}

RequestLoad::Due RequestLoad::Take() {
  const Arrival arrival = stream_.Take();
  Item item = items_[arrival.item];
  if (balanced_) item = {.class_index = MostMissingClass()};
  ++in_flight_[item.class_index];
  const RequestClass& of = classes_[item.class_index];
  const std::uint64_t seed = MixBits(seed_ ^ MixBits(book_->size()));
  SimulatedRequest request{.class_index = item.class_index, .seed = seed, .copy = of.copy};
  request.prompt_tokens =
      RequestBook::kNameTokens +
      (item.prompt_tokens > 0 ? item.prompt_tokens
                              : Drawn(of.prompt_tokens, of.length_spread, UniformAt(seed, 0)));
  request.output_tokens = item.output_tokens > 0
                              ? item.output_tokens
                              : Drawn(of.output_tokens, of.length_spread, UniformAt(seed, 1));
  return {arrival.at, book_->Add(request)};
}

}  // namespace turbospec
