#include "core/utf8.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

std::string Streamed(std::string_view bytes, std::size_t piece) {
  Utf8Stream stream;
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += piece) stream.Append(bytes.substr(i, piece), out);
  stream.Flush(out);
  return out;
}

TEST(Utf8Stream, NeverReleasesHalfACharacter) {
  Utf8Stream stream;
  std::string out;
  stream.Append("a\xF0\x9F", out);
  EXPECT_EQ(out, "a");
  stream.Append("\x98\x80!", out);
  EXPECT_EQ(out, "a\xF0\x9F\x98\x80!");
}

TEST(Utf8Stream, TheResultDoesNotDependOnHowTheBytesArrive) {
  const std::string text =
      "caf\xC3\xA9 \xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x98\x80 \xFF\xC3( \xED\xA0\x80 end\xE4\xBD";
  const std::string whole = Streamed(text, text.size());
  EXPECT_TRUE(IsValidUtf8(whole));
  for (std::size_t piece = 1; piece < 7; ++piece) EXPECT_EQ(Streamed(text, piece), whole);
}

TEST(Utf8Stream, ReplacesWhatCanNeverBecomeACharacter) {
  EXPECT_EQ(Streamed("\xFFx", 1), std::string(kReplacement) + "x");
  EXPECT_EQ(Streamed("\xC3(", 1), std::string(kReplacement) + "(");
  EXPECT_EQ(Streamed("\xE4\xBD", 1), kReplacement);
}

TEST(IsValidUtf8, RefusesOverlongFormsSurrogatesAndCutCharacters) {
  EXPECT_TRUE(IsValidUtf8("plain \xC3\xA9"));
  EXPECT_FALSE(IsValidUtf8("\xC0\x80"));
  EXPECT_FALSE(IsValidUtf8("\xE0\x80\x80"));
  EXPECT_FALSE(IsValidUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsValidUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsValidUtf8("\xE4\xBD"));
}

}  // namespace
}  // namespace turbospec
