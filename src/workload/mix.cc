#include "workload/mix.h"

#include <cmath>
#include <utility>

#include "workload/number_text.h"

namespace turbospec {

namespace {

// FNV-1a, so that a class keeps its order of items when other classes come or go.
std::uint64_t HashOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char letter : text) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  }
  return hash;
}

}  // namespace

Result<Mix> ParseMix(std::string_view text) {
  if (text.empty()) return Mix{};
  if (text.find_first_of("=,") == std::string_view::npos) return Mix{{{std::string(text), 1}}};
  auto pairs = NamedNumbersOf(text);
  if (!pairs) return InvalidArgument("mix: " + pairs.error().message);
  Mix mix;
  for (auto& [name, weight] : *pairs) {
    if (weight <= 0 || weight > 1e9) {
      return InvalidArgument("mix: the weight of \"" + name + "\" must be above 0, at most 1e9");
    }
    mix.shares.push_back({name, weight});
  }
  return mix;
}

ItemSampler::ItemSampler(const Workload& workload, Split split, std::uint64_t seed)
    : classes_(MixBits(seed)) {
  for (std::size_t i = 0; i < workload.items.size(); ++i) {
    const WorkloadItem& item = workload.items[i];
    if (item.split == split) decks_[item.class_name].items.push_back(i);
  }
  for (auto& [name, deck] : decks_) {
    all_alike_.shares.push_back({name, 1});
    deck.random = RandomStream(MixBits(seed ^ HashOf(name)));
    Shuffle(deck);
  }
}

void ItemSampler::Shuffle(Deck& deck) {
  for (std::size_t left = deck.items.size(); left > 1; --left) {
    const auto drawn = static_cast<std::size_t>(deck.random.Uniform() * static_cast<double>(left));
    std::swap(deck.items[left - 1], deck.items[drawn]);
  }
}

Status ItemSampler::CanDraw(const Mix& mix) const {
  if (decks_.empty()) return NotFound("the workload has no item in this split");
  for (const MixShare& share : mix.shares) {
    if (decks_.contains(share.class_name)) continue;
    std::string known;
    for (const auto& [name, deck] : decks_) known += (known.empty() ? "" : ", ") + name;
    return NotFound("mix: no item of class \"" + share.class_name + "\" in this split; there are " +
                    known);
  }
  return Ok();
}

const std::string& ItemSampler::ClassAt(const Mix& mix, double uniform) const {
  const std::vector<MixShare>& shares = (mix.shares.empty() ? all_alike_ : mix).shares;
  double total = 0;
  for (const MixShare& share : shares) total += share.weight;
  double left = uniform * total;
  for (const MixShare& share : shares) {
    left -= share.weight;
    if (left < 0) return share.class_name;
  }
  return shares.back().class_name;
}

std::size_t ItemSampler::NextOf(const std::string& class_name) {
  Deck& deck = decks_.at(class_name);
  if (deck.next == deck.items.size()) {
    deck.next = 0;
    Shuffle(deck);
  }
  return deck.items[deck.next++];
}

std::size_t ItemSampler::Next(const Mix& mix) {
  return NextOf(ClassAt(mix, classes_.Uniform()));
}

std::size_t ItemSampler::At(const Mix& mix, std::uint64_t key) const {
  const std::vector<std::size_t>& items = decks_.at(ClassAt(mix, UniformAt(key, 0))).items;
  return items[static_cast<std::size_t>(UniformAt(key, 1) * static_cast<double>(items.size()))];
}

}  // namespace turbospec
