#include "server/request_reader.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "server/loopback_client.h"

namespace turbospec {
namespace {

using State = RequestReader::State;

TEST(RequestReaderTest, TakesPipelinedRequestsOneByOne) {
  RequestReader reader({});
  reader.Append(PostText("/a?x=1", "one") + PostText("/b", "") + "GET /c HTTP/1.0\r\n\r\nGET");
  ASSERT_EQ(reader.Advance(), State::kComplete);
  HttpRequest first = reader.Take();
  EXPECT_EQ(first.method, "POST");
  EXPECT_EQ(first.path, "/a");
  EXPECT_EQ(first.query, "x=1");
  EXPECT_EQ(first.body, "one");
  EXPECT_TRUE(first.keep_alive);
  EXPECT_TRUE(first.chunked_allowed);
  ASSERT_EQ(reader.Advance(), State::kComplete);
  EXPECT_EQ(reader.Take().path, "/b");
  ASSERT_EQ(reader.Advance(), State::kComplete);
  HttpRequest third = reader.Take();
  EXPECT_FALSE(third.chunked_allowed);
  EXPECT_FALSE(third.keep_alive);
  EXPECT_EQ(reader.Advance(), State::kHeader);
}

TEST(RequestReaderTest, ReadsTheSameRequestWhateverTheCuts) {
  const std::string text = PostText("/v1", "{\"a\": 1}");
  RequestReader reader({});
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    EXPECT_EQ(reader.Advance() == State::kIdle, i == 0);
    reader.Append(text.substr(i, 1));
    ASSERT_NE(reader.Advance(), State::kComplete) << i;
    ASSERT_NE(reader.Advance(), State::kFailed) << i;
  }
  reader.Append(text.substr(text.size() - 1));
  ASSERT_EQ(reader.Advance(), State::kComplete);
  EXPECT_EQ(reader.Take().body, "{\"a\": 1}");
}

TEST(RequestReaderTest, ReadsAChunkedBody) {
  RequestReader reader({});
  reader.Append("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_EQ(reader.Advance(), State::kBody);
  reader.Append("2\r\nde\r\n0\r\n\r\n");
  ASSERT_EQ(reader.Advance(), State::kComplete);
  EXPECT_EQ(reader.Take().body, "abcde");
}

TEST(RequestReaderTest, RefusesABodyOverTheLimitFromItsHeader) {
  RequestReader reader({.max_body_bytes = 100});
  reader.Append("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n");
  ASSERT_EQ(reader.Advance(), State::kFailed);
  EXPECT_EQ(reader.error().status, 413);
}

TEST(RequestReaderTest, RefusesAChunkedBodyOverTheLimit) {
  RequestReader reader({.max_body_bytes = 4});
  reader.Append("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
  ASSERT_EQ(reader.Advance(), State::kFailed);
  EXPECT_EQ(reader.error().status, 413);
}

TEST(RequestReaderTest, RefusesHeadersOverTheLimit) {
  RequestReader reader({.max_header_bytes = 256});
  reader.Append("GET / HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n\r\n");
  ASSERT_EQ(reader.Advance(), State::kFailed);
  EXPECT_EQ(reader.error().status, 431);
}

TEST(RequestReaderTest, RefusesLengthsThatCouldHideASecondRequest) {
  for (const char* headers :
       {"Content-Length: 3\r\nContent-Length: 5\r\n", "Content-Length: -1\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 99999999999999999999\r\n"}) {
    RequestReader reader({});
    reader.Append(std::string("POST / HTTP/1.1\r\n") + headers + "\r\nabcde");
    ASSERT_EQ(reader.Advance(), State::kFailed) << headers;
    EXPECT_GE(reader.error().status, 400);
  }
}

TEST(RequestReaderTest, TellsOfAnExpectationOnce) {
  RequestReader reader({});
  reader.Append("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(reader.Advance(), State::kBody);
  EXPECT_TRUE(reader.TakeExpectation());
  EXPECT_FALSE(reader.TakeExpectation());
}

TEST(RequestReaderTest, SurvivesRandomBytes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomStream random(seed);
    RequestReader reader({});
    if (seed % 2 == 0) reader.Append("POST / HTTP/1.1\r\n");
    for (int part = 0; part < 20; ++part) {
      std::string bytes;
      for (int i = 0; i < 50; ++i) bytes += static_cast<char>(random.Bits());
      reader.Append(bytes);
      const State state = reader.Advance();
      if (state == State::kComplete) reader.Take();
      if (state == State::kFailed) {
        EXPECT_GE(reader.error().status, 400);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace turbospec
