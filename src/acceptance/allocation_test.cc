// The predictor's promise that a step in steady state allocates nothing. A program of its own,
// since it replaces the global operator new to count.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#include "acceptance/acceptance_predictor.h"

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace turbospec {
namespace {

TEST(AcceptanceAllocations, StepsAndComingAndGoingRequestsAllocateNothing) {
  constexpr RequestId kRunning = 32;
  AcceptancePredictor predictor({.reserved_requests = kRunning});
  const std::vector<DraftEvidence> evidence(8, {.confidence = -0.3F});
  std::array<double, 8> a{};
  double sum = 0;
  const std::size_t before = allocations;
  for (RequestId step = 0; step < 200; ++step) {
    for (RequestId r = step; r < step + kRunning; ++r) {  // one comes, one goes
      const auto handle = predictor.Find(r);
      predictor.Expected(handle, ProposerKind::kDraftModel, 1, {}, a);
      predictor.Given(handle, evidence, a);
      sum += a[7] + predictor.Uncertainty(handle, ProposerKind::kDraftModel);
      predictor.Learn(r, {.evidence = evidence, .verified = 8, .accepted = 3, .committed = 4},
                      true);
    }
    predictor.Tick();
    predictor.Forget(step);
  }
  EXPECT_EQ(allocations, before);
  EXPECT_GT(sum, 0);
  // The count works.
  delete new int(1);
  const std::vector<int> grown(100);
  EXPECT_GT(allocations, before) << grown.size();
}

}  // namespace
}  // namespace turbospec
