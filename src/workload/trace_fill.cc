#include "workload/trace_fill.h"

#include <algorithm>
#include <string>
#include <utility>

namespace turbospec {

namespace {

constexpr int kTokensPerBlock = 512;  // of Mooncake's prompt blocks
// A memory limit of 1 GiB for the text of all requests together.
constexpr double kMaxCharacters = 1024.0 * 1024 * 1024;

std::size_t CharactersOf(int tokens) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(tokens * kCharactersPerToken));
}

std::string TextOf(const WorkloadItem& item) {
  if (item.messages.empty()) return item.prompt;
  std::string text;
  for (const WorkloadMessage& message : item.messages) {
    text += (text.empty() ? "" : "\n\n") + message.content;
  }
  return text;
}

// Cuts to at most `size` bytes, at the last blank of the final 40 bytes or else between characters.
void CutTo(std::string& text, std::size_t size) {
  if (text.size() <= size) return;
  std::size_t end = size;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  const std::size_t blank = text.find_last_of(" \n", end);
  if (blank != std::string::npos && blank > 0 && end - blank <= 40) end = blank;
  text.resize(end);
  // A single character longer than `size` would leave nothing to ask.
  if (text.empty()) text = "a";
}

class TraceFiller {
 public:
  TraceFiller(const Workload& workload, const Mix& mix, Split split, std::uint64_t seed,
              const FillOptions& options)
      : workload_(workload),
        mix_(mix),
        seed_(seed),
        options_(options),
        untouched_(workload, split, seed),
        sampler_(untouched_) {}

  TimedItem Fill(const TraceRequest& request, std::size_t number) {
    const std::size_t size =
        CharactersOf(std::min(request.prompt_tokens, options_.max_prompt_tokens));
    const bool blocks = !request.prompt_blocks.empty();
    const WorkloadItem& pattern =
        blocks ? ItemOfBlock(request.prompt_blocks.front(), 0) : ItemAt(sampler_.Next(mix_));
    std::string text = blocks ? TextOfBlocks(request.prompt_blocks, size) : Extend(pattern, size);
    CutTo(text, size);

    WorkloadItem item;
    item.id = "trace-" + std::to_string(number);
    item.class_name = pattern.class_name;
    item.split = pattern.split;
    item.max_tokens = std::min(request.output_tokens, options_.max_output_tokens);
    if (pattern.messages.empty()) {
      item.prompt = std::move(text);
    } else {
      item.messages = {{"user", std::move(text)}};
    }
    return {request.at, std::move(item)};
  }

 private:
  const WorkloadItem& ItemAt(std::size_t index) const { return workload_.items[index]; }

  // Further items of the pattern's class behind it, until the text has `size` bytes.
  std::string Extend(const WorkloadItem& pattern, std::size_t size) {
    std::string text = TextOf(pattern);
    while (text.size() < size) {
      text += "\n\n" + TextOf(ItemAt(sampler_.NextOf(pattern.class_name)));
    }
    return text;
  }

  const WorkloadItem& ItemOfBlock(std::int64_t block, std::uint64_t position) const {
    const std::uint64_t key = MixBits(seed_ ^ MixBits(static_cast<std::uint64_t>(block)));
    return ItemAt(untouched_.At(mix_, MixBits(key + position)));
  }

  // The text of a block follows from its id, whichever request comes first.
  std::string TextOfBlock(std::int64_t block) const {
    const std::size_t size = CharactersOf(kTokensPerBlock) - 1;
    std::string text = TextOf(ItemOfBlock(block, 0));
    for (std::uint64_t position = 1; text.size() < size; ++position) {
      text += "\n\n" + TextOf(ItemOfBlock(block, position));
    }
    CutTo(text, size);
    return text + "\n";
  }

  std::string TextOfBlocks(const std::vector<std::int64_t>& blocks, std::size_t size) const {
    std::string text;
    // Fewer ids than the length needs: the last block comes again.
    for (std::size_t i = 0; text.size() < size; ++i) {
      text += TextOfBlock(blocks[std::min(i, blocks.size() - 1)]);
    }
    return text;
  }

  const Workload& workload_;
  const Mix& mix_;
  const std::uint64_t seed_;
  const FillOptions& options_;
  const ItemSampler untouched_;
  ItemSampler sampler_;
};

}  // namespace

Result<std::vector<TimedItem>> FillTrace(const Trace& trace, const Workload& workload,
                                         const Mix& mix, Split split, std::uint64_t seed,
                                         const FillOptions& options) {
  if (options.max_prompt_tokens < 1 || options.max_output_tokens < 1) {
    return InvalidArgument("the longest prompt and answer must be 1 token or more");
  }
  if (Status drawable = ItemSampler(workload, split, seed).CanDraw(mix); !drawable) {
    return drawable.error();
  }
  double characters = 0;
  for (const TraceRequest& request : trace.requests) {
    characters += kCharactersPerToken * std::min(request.prompt_tokens, options.max_prompt_tokens);
  }
  if (characters > kMaxCharacters) {
    return ResourceExhausted(
        "the prompts of this trace need more than 1 GiB of text; limit the requests or their "
        "prompts");
  }
  TraceFiller filler(workload, mix, split, seed, options);
  std::vector<TimedItem> items;
  items.reserve(trace.requests.size());
  for (const TraceRequest& request : trace.requests) {
    items.push_back(filler.Fill(request, items.size() + 1));
  }
  return items;
}

}  // namespace turbospec
