#include "model/llama/scaled_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "core/random.h"

namespace turbospec {
namespace {

// The scale of freshly initialised weights: activations neither vanish nor overflow.
constexpr float kDeviation = 0.02F;
// Random rows are slices of one pool, because drawing billions of normal values would take longer
// than writing them. Slices begin at whole blocks.
constexpr std::int64_t kPoolValues = std::int64_t{1} << 20;
constexpr std::int64_t kSliceStep = 32;

// Box and Muller's transform: two uniform draws make two normal ones.
std::vector<float> NormalValues(std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<float> values;
  values.reserve(kPoolValues);
  while (std::ssize(values) < kPoolValues) {
    const double radius = kDeviation * std::sqrt(-2.0 * std::log(1.0 - random.Uniform()));
    const double angle = 2.0 * std::numbers::pi * random.Uniform();
    values.push_back(static_cast<float>(radius * std::cos(angle)));
    values.push_back(static_cast<float>(radius * std::sin(angle)));
  }
  return values;
}

void Write(ggml_type type, const std::vector<float>& values, std::vector<std::byte>& bytes) {
  const auto count = std::ssize(values);
  bytes.resize(ggml_row_size(type, count));
  ggml_quantize_chunk(type, values.data(), bytes.data(), 0, 1, count, nullptr);
}

}  // namespace

ScaledRows::ScaledRows(ggml_type type, std::uint64_t seed) : type_(type), seed_(seed) {
  Write(type_, NormalValues(seed), pool_);
}

std::size_t ScaledRows::RowBytes(std::int64_t columns) const {
  return ggml_row_size(type_, columns);
}

bool ScaledRows::CanRead(ggml_type type) {
  if (type < 0 || type >= GGML_TYPE_COUNT) return false;
  return type == GGML_TYPE_F32 || ggml_get_type_traits(type)->to_float != nullptr;
}

void ScaledRows::Read(ggml_type type, std::span<const std::byte> bytes, std::span<float> values) {
  if (type == GGML_TYPE_F32) {
    std::memcpy(values.data(), bytes.data(), values.size_bytes());
  } else {
    ggml_get_type_traits(type)->to_float(bytes.data(), values.data(), std::ssize(values));
  }
}

void ScaledRows::Pad(ggml_type from, std::span<const std::byte> row, std::int64_t from_columns,
                     std::int64_t to_columns, std::vector<std::byte>& padded) {
  // Blocks whose bytes are all zero hold zeros: their scale is zero.
  if (from == type_ && from_columns % ggml_blck_size(type_) == 0) {
    padded.assign(RowBytes(to_columns), std::byte{0});
    std::ranges::copy(row, padded.begin());
    return;
  }
  values_.assign(static_cast<std::size_t>(to_columns), 0.0F);
  Read(from, row, std::span(values_).first(static_cast<std::size_t>(from_columns)));
  Write(type_, values_, padded);
}

void ScaledRows::Noise(std::uint64_t number, std::int64_t columns,
                       std::vector<std::byte>& row) const {
  const auto choices = static_cast<std::uint64_t>((kPoolValues - columns) / kSliceStep + 1);
  const std::uint64_t slice = MixBits(MixBits(seed_) ^ MixBits(~number)) % choices;
  const auto begin = pool_.begin() + static_cast<std::ptrdiff_t>(slice * RowBytes(kSliceStep));
  row.assign(begin, begin + static_cast<std::ptrdiff_t>(RowBytes(columns)));
}

void ScaledRows::Zero(std::int64_t columns, std::vector<std::byte>& row) const {
  row.assign(RowBytes(columns), std::byte{0});
}

}  // namespace turbospec
