#include "bench/compare/server_process.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "bench/compare/compare_fixture.h"

namespace turbospec::compare {
namespace {

class ServerProcessTest : public testing::Test {
 protected:
  // Starts the fake server with further flags.
  Result<ServerProcess> Start(std::vector<std::string> flags, Seconds limit = Seconds(60)) {
    std::vector<std::string> command = {std::getenv("COMPARE_FAKE_SERVER"), "--port",
                                        std::to_string(port_)};
    command.insert(command.end(), flags.begin(), flags.end());
    return ServerProcess::Start(command, port_, folder_ / "log", limit,
                                [this] { return stopped_; });
  }

  std::string StartError(std::vector<std::string> flags, Seconds limit = Seconds(60)) {
    const auto process = Start(std::move(flags), limit);
    return process.ok() ? "" : process.error().message;
  }

  const ScratchFolder folder_;
  const int port_ = *FreePort();
  bool stopped_ = false;
};

TEST_F(ServerProcessTest, ComesBackWhenTheServerAnswersAndEndsItInTheEnd) {
  {
    auto first = Start({});
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_TRUE(first->Running());
  }
  // The port is free again: the first one is gone.
  EXPECT_EQ(StartError({}), "");
}

TEST_F(ServerProcessTest, EndsAServerThatIgnoresTheFriendlySignal) {
  { ASSERT_TRUE(Start({"--deaf"}).ok()); }
  EXPECT_EQ(StartError({}), "");
}

TEST_F(ServerProcessTest, TellsWhatAServerSaidThatDidNotStart) {
  const std::string error = StartError({"--dead"});
  EXPECT_NE(error.find("ended while starting"), std::string::npos) << error;
  EXPECT_NE(error.find("told to be dead"), std::string::npos) << error;
}

TEST_F(ServerProcessTest, GivesUpOnAServerThatIsNeverHealthy) {
  const std::string error = StartError({"--unhealthy"}, Seconds(0.2));
  EXPECT_NE(error.find("did not answer in time"), std::string::npos) << error;
}

TEST_F(ServerProcessTest, StopsWaitingWhenToldTo) {
  stopped_ = true;
  const auto process = Start({"--unhealthy"});
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.error().code, ErrorCode::kCancelled);
}

TEST_F(ServerProcessTest, NamesAProgramThatIsNotThere) {
  const auto process = ServerProcess::Start({"no/such/program"}, port_, folder_ / "log",
                                            Seconds(60), [] { return false; });
  ASSERT_FALSE(process.ok());
  EXPECT_NE(process.error().message.find("\"no/such/program\""), std::string::npos);
  EXPECT_NE(process.error().message.find("No such file"), std::string::npos);
}

TEST_F(ServerProcessTest, ReadsTheFirstLineOfAProgram) {
  const std::string fake = std::getenv("COMPARE_FAKE_SERVER");
  EXPECT_EQ(*FirstLineOf({fake, "--version"}, folder_ / "log"), "fake 1.0");
  EXPECT_FALSE(FirstLineOf({fake, "--no-such-flag"}, folder_ / "log").ok());
}

}  // namespace
}  // namespace turbospec::compare
