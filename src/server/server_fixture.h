// A running server on a free port, with an engine whose output the test says. Shared by the tests
// that talk to the server over loopback.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "model/fake_tokenizer.h"
#include "server/fake_engine_fixture.h"
#include "server/loopback_client.h"
#include "server/server.h"

namespace turbospec {

inline constexpr const char* kChatPath = "/v1/chat/completions";
inline constexpr const char* kCompletionPath = "/v1/completions";

// The contents, one after the other.
class ConcatenatingTemplate final : public ChatTemplate {
 public:
  Result<std::string> Render(std::span<const ChatMessage> messages) const override {
    std::string text;
    for (const ChatMessage& message : messages) text += message.content;
    return text;
  }
};

class ServerTest : public ::testing::Test {
 protected:
  ~ServerTest() override {
    server_.reset();
    engine_.Stop(Engine::StopMode::kNow);
    if (engine_thread_.joinable()) engine_thread_.join();
  }

  // The engine answers by itself, on a thread of its own.
  void RunEngine() {
    engine_thread_ = std::thread([this] { engine_.Run(); });
  }

  void StartServer(ServerOptions options = {}) {
    options.port = 0;
    ServerParts parts;
    parts.engine = &engine_;
    parts.language = {&tokenizer_, &template_, nullptr};
    parts.clock = &clock_;
    parts.unix_seconds = [] { return std::int64_t{1700000000}; };
    parts.id_seed = 7;
    parts.routes = {{"/extra", [](const HttpRequest& request) {
                       return HttpResponse{200, "text/plain", "q=" + request.query, {}};
                     }}};
    parts.access_log = [this](const AccessRecord& record) {
      const std::lock_guard lock(log_mutex_);
      log_.push_back(record);
    };
    auto created = Server::Create(std::move(parts), options);
    ASSERT_TRUE(created.ok()) << created.error().message;
    server_ = *std::move(created);
    ASSERT_TRUE(server_->Start().ok());
  }

  LoopbackClient Connect(int receive_buffer_bytes = 0) {
    LoopbackClient client(server_->port(), receive_buffer_bytes);
    EXPECT_TRUE(client.connected());
    return client;
  }

  std::vector<AccessRecord> Log() {
    const std::lock_guard lock(log_mutex_);
    return log_;
  }

  static nlohmann::json Parse(const std::string& text) {
    nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << text;
    return parsed;
  }

  FakeTokenizer tokenizer_ = FakeTokenizer::Letters(26);
  ConcatenatingTemplate template_;
  SteadyClock clock_;
  FakeEngine engine_;
  std::thread engine_thread_;
  std::mutex log_mutex_;
  std::vector<AccessRecord> log_;
  std::unique_ptr<Server> server_;
};

}  // namespace turbospec
