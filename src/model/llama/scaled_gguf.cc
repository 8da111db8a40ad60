#include "model/llama/scaled_gguf.h"

#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "model/llama/gguf_file.h"
#include "model/llama/partial_file.h"
#include "model/llama/scaled_header.h"
#include "model/llama/scaled_rows.h"
#include "model/llama/scaled_tensor.h"

namespace turbospec {
namespace {

using Kind = ScaledTensor::Kind;

constexpr std::uint64_t kProgressSteps = 200;

Result<ggml_type> ParseType(const std::string& written) {
  if (written == "q8_0") return GGML_TYPE_Q8_0;
  if (written == "q4_0") return GGML_TYPE_Q4_0;
  if (written == "f16") return GGML_TYPE_F16;
  return InvalidArgument("unknown type \"" + written + "\": give q8_0, q4_0 or f16");
}

// The source model, row by row.
class SourceFile {
 public:
  SourceFile(std::string path, const gguf_context* gguf)
      : path_(std::move(path)), gguf_(gguf), file_(path_, std::ios::binary) {}

  ggml_type Type(int tensor) const { return gguf_get_tensor_type(gguf_, tensor); }

  Result<std::span<const std::byte>> Row(int tensor, std::int64_t row, std::int64_t columns) {
    const std::size_t bytes = ggml_row_size(Type(tensor), columns);
    row_.resize(bytes);
    const std::size_t at = gguf_get_data_offset(gguf_) + gguf_get_tensor_offset(gguf_, tensor) +
                           static_cast<std::size_t>(row) * bytes;
    file_.seekg(static_cast<std::streamoff>(at));
    file_.read(reinterpret_cast<char*>(row_.data()), static_cast<std::streamsize>(bytes));
    if (!file_) return InvalidArgument("cannot read the tensors of " + path_);
    return std::span<const std::byte>(row_);
  }

 private:
  std::string path_;
  const gguf_context* gguf_;
  std::ifstream file_;
  std::vector<std::byte> row_;
};

// Writes one scaled model: the header, then tensor by tensor.
class ScaledFile {
 public:
  ScaledFile(const ScaleOptions& options, ggml_type type, SourceFile& source, PartialFile& file,
             std::uint64_t total)
      : options_(options), source_(source), file_(file), total_(total), rows_(type, options.seed) {}

  Status WriteHeader(const gguf_context* header) {
    std::vector<std::byte> bytes(gguf_get_meta_size(header));
    gguf_get_meta_data(header, bytes.data());
    return file_.Write(bytes);
  }

  Status WriteTensor(const ScaledTensor& tensor, double gain, std::size_t alignment) {
    const std::uint64_t begin = file_.written();
    Status done = tensor.kind == Kind::kMatrix ? WriteMatrix(tensor) : WriteVector(tensor, gain);
    if (!done.ok()) return done;
    const std::size_t rest = (file_.written() - begin) % alignment;
    return file_.Write(std::vector<std::byte>(rest == 0 ? 0 : alignment - rest));
  }

 private:
  Status WriteMatrix(const ScaledTensor& tensor) {
    const std::int64_t copied = tensor.added ? 0 : tensor.from.rows;
    for (std::int64_t r = 0; r < tensor.to.rows; ++r) {
      if (r < copied) {
        const auto row = source_.Row(tensor.source, r, tensor.from.columns);
        if (!row.ok()) return row.error();
        rows_.Pad(source_.Type(tensor.source), *row, tensor.from.columns, tensor.to.columns, row_);
      } else if (tensor.noise) {
        rows_.Noise(noise_rows_++, tensor.to.columns, row_);
      } else {
        rows_.Zero(tensor.to.columns, row_);
      }
      if (Status written = Put(row_); !written.ok()) return written;
    }
    return Ok();
  }

  Status WriteVector(const ScaledTensor& tensor, double gain) {
    const bool norm = tensor.kind == Kind::kGain;
    std::vector<float> values(static_cast<std::size_t>(tensor.to.columns), norm ? 1.0F : 0.0F);
    if (!tensor.added) {
      const auto row = source_.Row(tensor.source, 0, tensor.from.columns);
      if (!row.ok()) return row.error();
      const auto copied = static_cast<std::size_t>(tensor.from.columns);
      ScaledRows::Read(source_.Type(tensor.source), *row, std::span(values).first(copied));
    }
    if (norm) {
      for (float& value : values) value = static_cast<float>(value * gain);
    }
    return Put(std::as_bytes(std::span(values)));
  }

  Status Put(std::span<const std::byte> bytes) {
    if (Status written = file_.Write(bytes); !written.ok()) return written;
    const std::uint64_t step = file_.written() * kProgressSteps / total_;
    if (step == step_ || !options_.progress) return Ok();
    step_ = step;
    if (options_.progress(file_.written(), total_)) return Ok();
    return Cancelled("scaling was cancelled; " + options_.output + " was not written");
  }

  const ScaleOptions& options_;
  SourceFile& source_;
  PartialFile& file_;
  const std::uint64_t total_;
  ScaledRows rows_;
  std::uint64_t noise_rows_ = 0;
  std::uint64_t step_ = 0;
  std::vector<std::byte> row_;
};

std::uint64_t FileBytes(const gguf_context* header) {
  const std::size_t alignment = gguf_get_alignment(header);
  std::uint64_t bytes = gguf_get_meta_size(header);
  for (std::int64_t i = 0; i < gguf_get_n_tensors(header); ++i) {
    bytes += (gguf_get_tensor_size(header, i) + alignment - 1) / alignment * alignment;
  }
  return bytes;
}

std::uint64_t Parameters(std::span<const ScaledTensor> tensors) {
  std::uint64_t count = 0;
  for (const ScaledTensor& tensor : tensors) {
    count += static_cast<std::uint64_t>(tensor.to.columns * tensor.to.rows);
  }
  return count;
}

Status CheckReadable(const gguf_context* source) {
  for (std::int64_t i = 0; i < gguf_get_n_tensors(source); ++i) {
    const ggml_type type = gguf_get_tensor_type(source, i);
    if (ScaledRows::CanRead(type)) continue;
    return Unsupported(std::string("tensor ") + gguf_get_tensor_name(source, i) + " has type " +
                       ggml_type_name(type) + ", which cannot be read here");
  }
  return Ok();
}

Status CheckPaths(const ScaleOptions& options) {
  // A second name of the same file is the same file.
  std::error_code failure;
  if (options.source == options.output ||
      std::filesystem::equivalent(options.source, options.output, failure)) {
    return InvalidArgument("the output would replace its own source " + options.source);
  }
  const Result<GgufSummary> summary = InspectGguf(options.source);
  if (!summary.ok()) return summary.error();
  return Ok();
}

Result<ScaledModel> Write(const ScaleOptions& options, ggml_type type, const gguf_context* source) {
  const auto from = ReadShape(source);
  if (!from.ok()) return from.error();
  const auto to = TargetShape(options.like, *from);
  if (!to.ok()) return to.error();
  if (Status readable = CheckReadable(source); !readable.ok()) return readable.error();
  const auto sources = ReadTensors(source);
  if (!sources.ok()) return sources.error();
  const auto tensors = PlanTensors(*sources, *from, *to);
  if (!tensors.ok()) return tensors.error();
  const auto header = ScaledHeader(source, *from, *to, type, *tensors);
  if (!header.ok()) return header.error();

  const std::uint64_t total = FileBytes(header->get());
  auto file = PartialFile::Create(options.output, total);
  if (!file.ok()) return file.error();
  SourceFile source_file(options.source, source);
  ScaledFile scaled(options, type, source_file, **file, total);
  if (Status done = scaled.WriteHeader(header->get()); !done.ok()) return done.error();
  const double gain = NormGainFactor(from->width, to->width);
  for (const ScaledTensor& tensor : *tensors) {
    const Status done = scaled.WriteTensor(tensor, gain, gguf_get_alignment(header->get()));
    if (!done.ok()) return done.error();
  }
  if (Status done = (*file)->Commit(); !done.ok()) return done.error();
  return ScaledModel{*from, *to, Parameters(*tensors), total};
}

}  // namespace

Result<ScaledModel> ScaleGguf(const ScaleOptions& options) {
  const auto type = ParseType(options.type);
  if (!type.ok()) return type.error();
  if (Status paths = CheckPaths(options); !paths.ok()) return paths.error();
  const GgufContext source(
      gguf_init_from_file(options.source.c_str(), {.no_alloc = true, .ctx = nullptr}));
  if (source == nullptr) return InvalidArgument(options.source + " cannot be read");
  auto model = Write(options, *type, source.get());
  if (!model.ok() && model.error().code == ErrorCode::kUnsupported) {
    return Unsupported(options.source + ": " + model.error().message);
  }
  return model;
}

}  // namespace turbospec
