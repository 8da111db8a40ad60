#include "bench/sse_parser.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/random.h"

namespace turbospec {
namespace {

using Events = std::vector<std::string>;

Events Parse(const std::vector<std::string_view>& pieces) {
  Events events;
  SseParser parser([&](std::string_view data) { events.emplace_back(data); });
  for (const auto piece : pieces) EXPECT_TRUE(parser.Feed(piece));
  return events;
}

constexpr std::string_view kStream =
    ": a comment\n\ndata: {\"a\":1}\n\nevent: x\r\ndata:no blank\r\nid: 7\r\n\r\n"
    "data: first\ndata: second\n\ndatabase: no\n\ndata\n\nretry: 10\ndata: [DONE]\n\n";
const Events kExpected = {R"({"a":1})", "no blank", "first\nsecond", "", "[DONE]"};

TEST(SseParser, FindsEventsAndSkipsOtherFields) {
  EXPECT_EQ(Parse({kStream}), kExpected);
}

TEST(SseParser, GivesTheSameForEveryPairOfPieces) {
  for (std::size_t cut = 0; cut <= kStream.size(); ++cut) {
    EXPECT_EQ(Parse({kStream.substr(0, cut), kStream.substr(cut)}), kExpected) << cut;
  }
}

TEST(SseParser, GivesTheSameForRandomPieces) {
  RandomStream random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < kStream.size();) {
      const auto length = static_cast<std::size_t>(random.Uniform() * 9);
      pieces.push_back(kStream.substr(at, length));
      at += length;
    }
    ASSERT_EQ(Parse(pieces), kExpected) << round;
  }
}

TEST(SseParser, HoldsBackAnEventWhoseEndHasNotCome) {
  EXPECT_EQ(Parse({"data: whole\n\ndata: half\n"}), Events{"whole"});
}

TEST(SseParser, RefusesAnEventWithoutEnd) {
  SseParser parser([](std::string_view) { FAIL(); });
  const std::string part(SseParser::kMaxEventBytes / 2, 'x');
  EXPECT_TRUE(parser.Feed("data: "));
  EXPECT_TRUE(parser.Feed(part));
  EXPECT_FALSE(parser.Feed(part));
}

}  // namespace
}  // namespace turbospec
