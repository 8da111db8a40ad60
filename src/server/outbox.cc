#include "server/outbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace turbospec {
namespace {

class ChoiceSink final : public GenerationSink {
 public:
  ChoiceSink(std::shared_ptr<Outbox> outbox, int choice)
      : outbox_(std::move(outbox)), choice_(choice) {}

  void Deliver(OutputDelta delta) override { outbox_->Push(choice_, std::move(delta)); }

 private:
  std::shared_ptr<Outbox> outbox_;
  int choice_;
};

std::size_t Bytes(const OutputDelta& delta) {
  std::size_t bytes = delta.text.size();
  for (const OutputToken& token : delta.tokens) {
    bytes += sizeof(OutputToken) + token.sampled.top.size() * sizeof(TokenLogprob);
  }
  return bytes;
}

}  // namespace

Outbox::Outbox(const OutboxOptions& options, std::function<void()> wake)
    : options_(options), wake_(std::move(wake)) {}

void Outbox::Push(int choice, OutputDelta delta) {
  if (!options_.keep_tokens) delta.tokens.clear();
  const std::lock_guard lock(mutex_);
  if (!wake_ || overflowed_) return;
  bytes_ += Bytes(delta);
  if (bytes_ > options_.max_bytes || ++deltas_ > options_.max_deltas) {
    overflowed_ = true;
    content_.clear();
    owner_knows_ = false;  // it may be waiting for a write, but this cannot wait
    Wake();
    return;
  }
  auto found = std::find_if(content_.begin(), content_.end(),
                            [choice](const ChoiceDelta& d) { return d.choice == choice; });
  if (found == content_.end()) {
    content_.push_back(
        {choice, std::move(delta.text), std::move(delta.tokens), std::move(delta.finish)});
  } else {
    found->text += delta.text;
    found->tokens.insert(found->tokens.end(), std::make_move_iterator(delta.tokens.begin()),
                         std::make_move_iterator(delta.tokens.end()));
    found->finish = std::move(delta.finish);
  }
  Wake();
}

void Outbox::Wake() {
  if (std::exchange(owner_knows_, true)) return;
  wake_();
}

std::vector<ChoiceDelta> Outbox::Take() {
  const std::lock_guard lock(mutex_);
  owner_knows_ = false;
  bytes_ = 0;
  deltas_ = 0;
  return std::exchange(content_, {});
}

bool Outbox::overflowed() const {
  const std::lock_guard lock(mutex_);
  return overflowed_;
}

void Outbox::Close() {
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
  content_.clear();
}

std::shared_ptr<GenerationSink> MakeChoiceSink(std::shared_ptr<Outbox> outbox, int choice) {
  return std::make_shared<ChoiceSink>(std::move(outbox), choice);
}

}  // namespace turbospec
