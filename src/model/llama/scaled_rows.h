// Rows of a scaled model in their file format: copied and padded, random, or zero. One per file
// that is written; one thread. Costs a megabyte or two for the random values; a copied row of the
// same type is copied to the byte, any other goes through float.
#pragma once

#include <ggml.h>

#include <cstdint>
#include <span>
#include <vector>

namespace turbospec {

class ScaledRows {
 public:
  // `type` is that of the matrices: GGML_TYPE_Q8_0, Q4_0 or F16.
  ScaledRows(ggml_type type, std::uint64_t seed);

  ggml_type type() const { return type_; }
  std::size_t RowBytes(std::int64_t columns) const;

  // Whether rows of this type can be read; others are for libraries newer than this one.
  static bool CanRead(ggml_type type);
  // REQUIRES: CanRead(type). `bytes` is one row of `values.size()` values.
  static void Read(ggml_type type, std::span<const std::byte> bytes, std::span<float> values);

  // `row` is one row of `from_columns`; the result of `to_columns` has zeros behind.
  void Pad(ggml_type from, std::span<const std::byte> row, std::int64_t from_columns,
           std::int64_t to_columns, std::vector<std::byte>& padded);
  // The same values for the same seed and `number`; other numbers mostly give others.
  void Noise(std::uint64_t number, std::int64_t columns, std::vector<std::byte>& row) const;
  void Zero(std::int64_t columns, std::vector<std::byte>& row) const;

 private:
  ggml_type type_;
  std::uint64_t seed_;
  std::vector<std::byte> pool_;  // random values in the file format
  std::vector<float> values_;    // of the row being padded
};

}  // namespace turbospec
