#include "bench/url.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

TEST(ServerUrl, TakesHostPortAndPrefix) {
  const auto url = ParseServerUrl("http://example.org:8000/proxy/v1/");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "example.org");
  EXPECT_EQ(url->port, "8000");
  EXPECT_EQ(url->prefix, "/proxy");
}

TEST(ServerUrl, UnderstandsABaseUrlAsClientsWriteIt) {
  for (const char* written : {"http://a", "http://a/", "http://a/v1", "http://a/v1/"}) {
    const auto url = ParseServerUrl(written);
    ASSERT_TRUE(url.ok()) << written;
    EXPECT_EQ(url->prefix, "") << written;
    EXPECT_EQ(url->Authority(), "a:80");
  }
}

TEST(ServerUrl, TakesAnAddressInBrackets) {
  const auto url = ParseServerUrl("http://[::1]:8080");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->Authority(), "[::1]:8080");
}

TEST(ServerUrl, SaysWhatIsWrong) {
  const auto says = [](const char* written) {
    const auto url = ParseServerUrl(written);
    return url.ok() ? "accepted" : url.error().message;
  };
  EXPECT_NE(says("localhost:8080").find("http://"), std::string::npos);
  EXPECT_NE(says("https://a").find("TLS"), std::string::npos);
  EXPECT_NE(says("http://").find("no host"), std::string::npos);
  EXPECT_NE(says("http://a:0").find("65535"), std::string::npos);
  EXPECT_NE(says("http://a:99999").find("65535"), std::string::npos);
  EXPECT_NE(says("http://a:8x").find("65535"), std::string::npos);
  EXPECT_NE(says("http://[::1").find("without"), std::string::npos);
  EXPECT_NE(says("http://u:p@a").find("--api-key"), std::string::npos);
  EXPECT_NE(says("http://a/ b").find("character"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
