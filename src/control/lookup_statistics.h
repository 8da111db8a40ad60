// Acceptance of tokens that prompt lookup proposed, by length of the match and place: plain counts,
// as vLLM keeps them for proposers that have no probabilities. Value; O(1).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace turbospec {

class LookupStatistics {
 public:
  // Begins as if two tokens had been seen, this share of them accepted.
  explicit LookupStatistics(double prior) : prior_(prior) {}

  double Predict(int match_length, int place) const {
    const Count& count = counts_[Index(match_length, place)];
    return (count.accepted + kImagined * prior_) / (count.labels + kImagined);
  }

  void Observe(int match_length, int place, bool accepted) {
    Count& count = counts_[Index(match_length, place)];
    count.accepted += accepted ? 1 : 0;
    count.labels += 1;
  }

 private:
  struct Count {
    double accepted = 0;
    double labels = 0;
  };
  static constexpr double kImagined = 2;
  static constexpr int kLengths = 8;  // the last is "this long or longer"
  static constexpr int kPlaces = 16;

  static std::size_t Index(int match_length, int place) {
    const int length = std::clamp(match_length, 1, kLengths) - 1;
    return static_cast<std::size_t>(length * kPlaces + std::clamp(place, 0, kPlaces - 1));
  }

  double prior_;
  std::array<Count, static_cast<std::size_t>(kLengths) * kPlaces> counts_{};
};

}  // namespace turbospec
