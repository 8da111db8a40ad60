#include "bench/response_reader.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n \r\na\r\n0123456789\r\n0\r\n\r\n";

struct Read {
  std::string body;
  bool valid = true;
  ResponseReader reader{[this](std::string_view piece) { body += piece; }};

  // As a connection does: what was not used is given again with the next bytes.
  Read& Take(std::string_view bytes, std::size_t at_once) {
    std::string pending;
    while (!bytes.empty() && valid) {
      const std::string_view part = bytes.substr(0, at_once);
      bytes.remove_prefix(part.size());
      pending += part;
      const auto used = reader.Feed(pending);
      valid = used.ok();
      if (valid) pending.erase(0, *used);
    }
    return *this;
  }
};

TEST(ResponseReader, GivesTheSameBodyInWhateverPiecesItComes) {
  for (std::size_t at_once = 1; at_once <= kChunked.size(); ++at_once) {
    Read read;
    read.Take(kChunked, at_once);
    EXPECT_TRUE(read.valid && read.reader.finished()) << at_once;
    EXPECT_EQ(read.body, "hello 0123456789") << at_once;
    EXPECT_EQ(read.reader.status(), 200);
    EXPECT_TRUE(read.reader.event_stream());
  }
}

TEST(ResponseReader, EndsWithTheContentLength) {
  Read read;
  read.Take("HTTP/1.1 429 Busy\r\nContent-Length: 4\r\n\r\nwait", 3);
  EXPECT_TRUE(read.reader.finished());
  EXPECT_EQ(read.reader.status(), 429);
  EXPECT_EQ(read.body, "wait");
  EXPECT_FALSE(read.reader.event_stream());
}

TEST(ResponseReader, EndsWithTheConnectionWhenNothingElseSaysWhere) {
  Read read;
  read.Take("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n", 100);
  EXPECT_FALSE(read.reader.finished());
  EXPECT_TRUE(read.reader.End());
  EXPECT_EQ(read.body, "data: x\n\n");
}

TEST(ResponseReader, KnowsAResponseThatWasCutOff) {
  Read nothing;
  EXPECT_FALSE(nothing.reader.End());
  Read cut;
  cut.Take(kChunked.substr(0, kChunked.size() - 6), 100);
  EXPECT_FALSE(cut.reader.End());
}

TEST(ResponseReader, RefusesWhatIsNotHttp) {
  Read read;
  read.Take("SSH-2.0-OpenSSH_9.2\r\n\r\n", 100);
  EXPECT_FALSE(read.valid);
}

}  // namespace
}  // namespace turbospec
