// In which proportion the classes of a workload are asked, and which item comes next. Pure in the
// seed: the same workload, split, seed and sequence of mixes give the same items on every machine.
// Used by ArrivalStream and by the filling of traces. A pick costs O(classes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "workload/workload.h"

namespace turbospec {

struct MixShare {
  std::string class_name;
  double weight = 1;  // relative to the other shares; above 0
};

// Empty: every class of the workload alike.
struct Mix {
  std::vector<MixShare> shares;
};

// "story=0.5,json=0.5" or a bare class name; weights need not add up to 1. Empty text: all alike.
Result<Mix> ParseMix(std::string_view text);

// Draws items of one split. Within a class every item comes once, in shuffled order, before any
// comes again: a prompt cache sees as few repetitions as the workload allows. Copyable; a copy
// repeats the sequence. Borrows nothing.
class ItemSampler {
 public:
  ItemSampler(const Workload& workload, Split split, std::uint64_t seed);

  // Says which class of `mix` has no item in this split, if any.
  Status CanDraw(const Mix& mix) const;

  // The position in Workload::items of the next item. REQUIRES CanDraw(mix).
  std::size_t Next(const Mix& mix);

  // An item of the mix drawn by `key` alone, whatever was drawn before. REQUIRES CanDraw(mix), and
  // that this sampler has not been advanced.
  std::size_t At(const Mix& mix, std::uint64_t key) const;

  // The same as Next() from one class. REQUIRES that the class has items in this split.
  std::size_t NextOf(const std::string& class_name);

 private:
  struct Deck {
    std::vector<std::size_t> items;
    std::size_t next = 0;
    RandomStream random{0};
  };
  static void Shuffle(Deck& deck);
  const std::string& ClassAt(const Mix& mix, double uniform) const;

  std::map<std::string, Deck> decks_;
  Mix all_alike_;
  RandomStream classes_;
};

}  // namespace turbospec
