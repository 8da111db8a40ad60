#include "engine/output_text.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

struct Shown {
  std::string text;
  bool stopped = false;
  std::string held_at_end;
};

Shown Show(std::vector<std::string> stop, const std::vector<std::string>& pieces) {
  OutputText output(std::move(stop));
  Shown shown;
  for (const auto& piece : pieces) {
    if ((shown.stopped = output.Append(piece, shown.text))) return shown;
  }
  output.Finish(shown.held_at_end);
  return shown;
}

TEST(OutputText, FindsAStopStringAcrossTokens) {
  const Shown shown = Show({"END"}, {"one E", "N", "D two"});
  EXPECT_TRUE(shown.stopped);
  EXPECT_EQ(shown.text, "one ");
}

TEST(OutputText, ReleasesABeginningThatCameToNothing) {
  const Shown shown = Show({"END"}, {"one E", "N", "TER"});
  EXPECT_FALSE(shown.stopped);
  EXPECT_EQ(shown.text, "one ENTER");
}

TEST(OutputText, HoldsBackAPossibleStopUntilTheEnd) {
  const Shown shown = Show({"END"}, {"one EN"});
  EXPECT_EQ(shown.text, "one ");
  EXPECT_EQ(shown.held_at_end, "EN");
}

TEST(OutputText, TakesTheEarliestOfSeveralStops) {
  OutputText output({"ccc", "b"});
  std::string text;
  EXPECT_TRUE(output.Append("aabccc", text));
  EXPECT_EQ(text, "aa");
  EXPECT_EQ(output.matched(), "b");
}

TEST(OutputText, ARepeatingStopIsFoundInItsOwnOverlap) {
  const Shown shown = Show({"aab"}, {"a", "a", "a", "b"});
  EXPECT_TRUE(shown.stopped);
  EXPECT_EQ(shown.text, "a");
}

TEST(OutputText, NeverShowsHalfACharacter) {
  const Shown shown = Show({}, {"\xE4", "\xBD", "\xA0", "\xE5"});
  EXPECT_EQ(shown.text, "\xE4\xBD\xA0");
  EXPECT_EQ(shown.held_at_end, "\xEF\xBF\xBD");
}

TEST(OutputText, MatchesAStopOfManyByteCharacters) {
  const Shown shown = Show({"\xE4\xBD\xA0!"}, {"x\xE4", "\xBD\xA0", "!y"});
  EXPECT_TRUE(shown.stopped);
  EXPECT_EQ(shown.text, "x");
}

}  // namespace
}  // namespace turbospec
