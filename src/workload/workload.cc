#include "workload/workload.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "core/json_object.h"
#include "workload/line_reader.h"

namespace turbospec {

using nlohmann::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kMaxTokens = 1'000'000;
constexpr std::int64_t kMaxItems = 10'000'000;

struct Header {
  std::string class_name;
  std::int64_t tune_items = 0;
  std::int64_t held_out_items = 0;
};

Result<Header> ReadHeader(std::string_view line) {
  Result<json> object = ParseJsonObject(line);
  if (!object) return object.error();
  JsonObject fields(*object);
  if (!fields.Has("turbospec_workload")) {
    return InvalidArgument("not a workload: the first line has no \"turbospec_workload\"");
  }
  const json& version = fields.Any("turbospec_workload");
  if (version != kVersion) {
    const std::string found = version.is_number() ? version.dump() : "of no number";
    return Unsupported("version " + found + " of the workload format; this reader knows " +
                       std::to_string(kVersion));
  }
  Header header;
  fields.Text("name");
  header.class_name = fields.Text("class");
  fields.Text("description");
  const json& counts = fields.Any("tune_held_out");
  if (!counts.is_object()) {
    fields.Fault("\"tune_held_out\" must be an object: {\"tune\": 80, \"held_out\": 40}");
  } else {
    JsonObject numbers(counts);
    header.tune_items = numbers.Integer("tune", 0, kMaxItems);
    header.held_out_items = numbers.Integer("held_out", 0, kMaxItems);
    if (Status counted = numbers.Finish(); !counted) fields.Fault(counted.error().message);
  }
  if (Status read = fields.Finish(); !read) return read.error();
  return header;
}

Result<WorkloadMessage> ReadMessage(const json& value) {
  if (!value.is_object()) return InvalidArgument("a message must be an object");
  JsonObject fields(value);
  WorkloadMessage message{fields.Text("role"), fields.Text("content")};
  if (message.role != "system" && message.role != "user" && message.role != "assistant") {
    fields.Fault("\"role\" must be system, user or assistant");
  }
  if (Status read = fields.Finish(); !read) return read.error();
  return message;
}

Result<std::vector<WorkloadMessage>> ReadMessages(const json& list) {
  if (!list.is_array() || list.empty()) {
    return InvalidArgument("\"messages\" must be a list that is not empty");
  }
  std::vector<WorkloadMessage> messages;
  for (const json& value : list) {
    Result<WorkloadMessage> message = ReadMessage(value);
    if (!message) return message.error();
    messages.push_back(*std::move(message));
  }
  if (messages.back().role != "user") {
    return InvalidArgument("the last message must be the user's");
  }
  return messages;
}

Result<WorkloadItem> ReadItem(std::string_view line, const Header& header) {
  Result<json> object = ParseJsonObject(line);
  if (!object) return object.error();
  JsonObject fields(*object);
  WorkloadItem item;
  item.id = fields.Text("id");
  item.class_name = header.class_name;
  const std::string split = fields.Text("split");
  if (split != "tune" && split != "held_out") {
    fields.Fault("\"split\" must be tune or held_out");
  }
  item.split = split == "tune" ? Split::kTune : Split::kHeldOut;
  item.max_tokens = static_cast<int>(fields.Integer("max_tokens", 1, kMaxTokens));
  if (fields.Has("prompt") == fields.Has("messages")) {
    fields.Fault("exactly one of \"prompt\" and \"messages\" is needed");
  } else if (fields.Has("prompt")) {
    item.prompt = fields.Text("prompt");
  } else {
    Result<std::vector<WorkloadMessage>> messages = ReadMessages(fields.Any("messages"));
    if (!messages) return messages.error();
    item.messages = *std::move(messages);
  }
  if (Status read = fields.Finish(); !read) return read.error();
  return item;
}

// A file that was cut short still has only whole lines; the header's counts give it away.
Status CheckCounts(const Workload& workload, const Header& header, const LineReader& lines) {
  const auto tune = std::count_if(workload.items.begin(), workload.items.end(),
                                  [](const auto& item) { return item.split == Split::kTune; });
  const auto held_out = static_cast<std::int64_t>(workload.items.size()) - tune;
  if (tune == header.tune_items && held_out == header.held_out_items) return Ok();
  return lines.FileFault("the header promises " + std::to_string(header.tune_items) +
                         " items to tune on and " + std::to_string(header.held_out_items) +
                         " held out, the file has " + std::to_string(tune) + " and " +
                         std::to_string(held_out));
}

Status Append(Workload&& part, const std::string& source, Workload& whole,
              std::set<std::string>& ids) {
  for (WorkloadItem& item : part.items) {
    if (!ids.insert(item.id).second) {
      return InvalidArgument(source + ": the id \"" + item.id + "\" is in another file already");
    }
    whole.items.push_back(std::move(item));
  }
  return Ok();
}

Result<std::vector<std::filesystem::path>> FilesOf(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_directory(path, failure)) return std::vector{path};
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(path, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->path().extension() == ".jsonl") files.push_back(entry->path());
  }
  if (failure) return NotFound(path.string() + ": " + failure.message());
  if (files.empty()) return NotFound(path.string() + ": no *.jsonl in this folder");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<Workload> ReadWorkload(std::istream& in, std::string source) {
  LineReader lines(in, std::move(source));
  Result<bool> more = lines.Next();
  if (!more) return more.error();
  if (!*more) return lines.FileFault("the file is empty");
  Result<Header> header = ReadHeader(lines.line());
  if (!header) return Error{header.error().code, lines.Fault(header.error().message).message};

  Workload workload;
  std::set<std::string> ids;
  for (more = lines.Next(); more && *more; more = lines.Next()) {
    Result<WorkloadItem> item = ReadItem(lines.line(), *header);
    if (!item) return lines.Fault(item.error().message);
    if (!ids.insert(item->id).second) {
      return lines.Fault("the id \"" + item->id + "\" was used before");
    }
    workload.items.push_back(*std::move(item));
  }
  if (!more) return more.error();
  if (Status counted = CheckCounts(workload, *header, lines); !counted) return counted.error();
  return workload;
}

Result<Workload> LoadWorkload(const std::filesystem::path& file_or_folder) {
  Result<std::vector<std::filesystem::path>> files = FilesOf(file_or_folder);
  if (!files) return files.error();
  Workload whole;
  std::set<std::string> ids;
  for (const std::filesystem::path& file : *files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return NotFound(file.string() + ": cannot be opened");
    Result<Workload> part = ReadWorkload(in, file.string());
    if (!part) return part;
    if (Status joined = Append(*std::move(part), file.string(), whole, ids); !joined) {
      return joined.error();
    }
  }
  return whole;
}

std::vector<std::string> ClassesOf(const Workload& workload) {
  std::set<std::string> names;
  for (const WorkloadItem& item : workload.items) names.insert(item.class_name);
  return {names.begin(), names.end()};
}

}  // namespace turbospec
