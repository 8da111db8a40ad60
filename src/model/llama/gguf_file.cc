#include "model/llama/gguf_file.h"

#include <gguf.h>
#include <llama.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "core/random.h"

namespace turbospec {
namespace {

namespace fs = std::filesystem;

struct GgufDeleter {
  void operator()(gguf_context* context) const { gguf_free(context); }
};
using GgufHandle = std::unique_ptr<gguf_context, GgufDeleter>;

constexpr int kSampledBlocks = 64;
constexpr std::size_t kBlockBytes = 4096;

std::uint64_t HashBytes(std::uint64_t hash, const char* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, std::min<std::size_t>(8, size - at));
    hash = MixBits(hash ^ word);
  }
  return MixBits(hash ^ size);
}

// The header holds all metadata and the tensor table. Two trainings of one architecture may agree
// there to the byte, so blocks spread over the data are hashed as well.
std::uint64_t Fingerprint(const std::string& path, std::uint64_t data_offset,
                          std::uint64_t file_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(kBlockBytes);
  std::uint64_t hash = MixBits(file_bytes);
  const auto add = [&](std::uint64_t from, std::uint64_t size) {
    file.clear();
    file.seekg(static_cast<std::streamoff>(from));
    file.read(buffer.data(), static_cast<std::streamsize>(size));
    hash = HashBytes(hash, buffer.data(), static_cast<std::size_t>(file.gcount()));
  };
  for (std::uint64_t at = 0; at < data_offset; at += kBlockBytes) {
    add(at, std::min<std::uint64_t>(kBlockBytes, data_offset - at));
  }
  const std::uint64_t data_bytes = file_bytes - std::min(file_bytes, data_offset);
  for (std::uint64_t i = 0; i < kSampledBlocks && data_bytes > kBlockBytes; ++i) {
    add(data_offset + (data_bytes - kBlockBytes) * i / (kSampledBlocks - 1), kBlockBytes);
  }
  return hash;
}

Status CheckReadable(const std::string& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) {
    return NotFound("model file " + path + " does not exist");
  }
  if (fs::is_directory(status)) {
    return InvalidArgument(path + " is a directory; name the .gguf file in it");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return InvalidArgument("model file " + path + " cannot be read: " + std::strerror(errno));
  }
  std::array<char, 4> magic{};
  file.read(magic.data(), magic.size());
  if (file.gcount() != 4 || std::memcmp(magic.data(), GGUF_MAGIC, 4) != 0) {
    return InvalidArgument(path + " is not a GGUF model file (it does not begin with \"GGUF\")");
  }
  return Ok();
}

std::string StringValue(const gguf_context* gguf, const char* key) {
  const std::int64_t id = gguf_find_key(gguf, key);
  if (id < 0 || gguf_get_kv_type(gguf, id) != GGUF_TYPE_STRING) return "";
  return gguf_get_val_str(gguf, id);
}

int SplitCount(const gguf_context* gguf) {
  const std::int64_t id = gguf_find_key(gguf, "split.count");
  if (id < 0 || gguf_get_kv_type(gguf, id) != GGUF_TYPE_UINT16) return 1;
  return gguf_get_val_u16(gguf, id);
}

struct Part {
  GgufSummary summary;
  int split_count = 1;
};

Result<Part> InspectPart(const std::string& path) {
  if (Status readable = CheckReadable(path); !readable.ok()) return readable.error();
  const GgufHandle gguf(gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr}));
  if (gguf == nullptr) {
    return InvalidArgument("model file " + path +
                           " is damaged: its header cannot be read (is the download complete?)");
  }
  std::error_code failure;
  const std::uint64_t file_bytes = fs::file_size(path, failure);
  if (failure) return InvalidArgument(path + " cannot be read: " + failure.message());
  const std::uint64_t data_offset = gguf_get_data_offset(gguf.get());
  Part part;
  part.split_count = SplitCount(gguf.get());
  std::uint64_t end = data_offset;
  for (std::int64_t t = 0; t < gguf_get_n_tensors(gguf.get()); ++t) {
    const std::uint64_t size = gguf_get_tensor_size(gguf.get(), t);
    part.summary.tensor_bytes += size;
    end = std::max(end, data_offset + gguf_get_tensor_offset(gguf.get(), t) + size);
  }
  if (end > file_bytes) {
    return InvalidArgument("model file " + path + " is truncated: it has " +
                           std::to_string(file_bytes) + " bytes and its tensors need " +
                           std::to_string(end) + " (is the download complete?)");
  }
  part.summary.architecture = StringValue(gguf.get(), "general.architecture");
  part.summary.fingerprint = Fingerprint(path, data_offset, file_bytes);
  return part;
}

// Parts 2… of a split model: libllama finds them by the name of the first.
Status AddOtherParts(const std::string& path, int count, GgufSummary* summary) {
  std::vector<char> prefix(path.size() + 1);
  if (llama_split_prefix(prefix.data(), prefix.size(), path.c_str(), 0, count) <= 0) {
    return InvalidArgument(path + " is one of " + std::to_string(count) +
                           " parts of a model; name the first part (…-00001-of-…)");
  }
  for (int i = 1; i < count; ++i) {
    std::vector<char> name(path.size() + 32);
    llama_split_path(name.data(), name.size(), prefix.data(), i, count);
    const Result<Part> part = InspectPart(name.data());
    if (!part.ok()) return part.error();
    summary->tensor_bytes += part->summary.tensor_bytes;
    summary->fingerprint = MixBits(summary->fingerprint ^ part->summary.fingerprint);
  }
  return Ok();
}

}  // namespace

Result<GgufSummary> InspectGguf(const std::string& path) {
  Result<Part> first = InspectPart(path);
  if (!first.ok()) return first.error();
  GgufSummary& summary = first->summary;
  if (first->split_count > 1) {
    const Status others = AddOtherParts(path, first->split_count, &summary);
    if (!others.ok()) return others.error();
  }
  if (summary.architecture.empty()) {
    return InvalidArgument(path + " names no model architecture; is it a language model?");
  }
  return summary;
}

}  // namespace turbospec
