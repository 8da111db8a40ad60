#include <cmath>
#include <string>
#include <utility>

#include "core/json_object.h"
#include "workload/trace_record.h"

namespace turbospec {

using nlohmann::json;

namespace {

Result<std::vector<std::int64_t>> ReadBlocks(const json& list) {
  const auto fault = InvalidArgument("\"hash_ids\" must be a list of whole numbers");
  if (!list.is_array()) return fault;
  std::vector<std::int64_t> blocks;
  for (const json& id : list) {
    if (!id.is_number_integer()) return fault;
    blocks.push_back(id.get<std::int64_t>());
  }
  return blocks;
}

class MooncakeReader final : public TraceRecordReader {
 public:
  bool has_header() const override { return false; }
  Status ReadHeader(std::string_view) override { return Ok(); }

  Result<TraceRecord> Read(std::string_view line) const override {
    const Result<json> object = ParseJsonObject(line);
    if (!object) return object.error();
    JsonObject fields(*object);
    TraceRecord record;
    const double milliseconds = fields.Number("timestamp");
    if (!(milliseconds >= 0 && milliseconds <= 4e12)) {
      fields.Fault("\"timestamp\" must be 0 or more milliseconds");
    } else {
      record.nanoseconds = std::llround(milliseconds * 1e6);
    }
    record.prompt_tokens = fields.Integer("input_length", 0, INT32_MAX);
    record.output_tokens = fields.Integer("output_length", 0, INT32_MAX);
    if (fields.Has("hash_ids")) {
      Result<std::vector<std::int64_t>> blocks = ReadBlocks(fields.Any("hash_ids"));
      if (!blocks) return blocks.error();
      record.prompt_blocks = *std::move(blocks);
    }
    if (Status read = fields.FirstFault(); !read) return read.error();
    return record;
  }
};

}  // namespace

std::unique_ptr<TraceRecordReader> MakeMooncakeReader() {
  return std::make_unique<MooncakeReader>();
}

}  // namespace turbospec
