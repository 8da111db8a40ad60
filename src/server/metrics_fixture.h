// Reads Prometheus' text format strictly: for tests that scrape. Whatever a scraper could stumble
// over is told in `faults`; samples are found by name and labels in the order of the label names.
#pragma once

#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace turbospec {

struct Scrape {
  std::map<std::string, std::string> types;  // by family
  std::map<std::string, double> samples;     // by name{label="value",...}
  std::vector<std::string> faults;

  // Nothing when there is no such sample.
  std::optional<double> Value(const std::string& series) const {
    const auto found = samples.find(series);
    return found == samples.end() ? std::nullopt : std::optional<double>(found->second);
  }
};

class ScrapeReader {
 public:
  static Scrape Read(const std::string& text) {
    ScrapeReader reader;
    if (!text.ends_with('\n')) reader.scrape_.faults.emplace_back("no line feed at the end");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) reader.ReadLine(line);
    return std::move(reader.scrape_);
  }

 private:
  void ReadLine(const std::string& line) {
    static const std::regex comment(R"(# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+))");
    static const std::regex sample(
        R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (-?[0-9][0-9.e+-]*|[+-]Inf|NaN))");
    std::smatch match;
    if (line.empty()) return;
    if (std::regex_match(line, match, comment)) return ReadComment(match, line);
    if (std::regex_match(line, match, sample)) return ReadSample(match, line);
    Fault("not a line of the format", line);
  }

  void ReadComment(const std::smatch& match, const std::string& line) {
    static const std::set<std::string> kinds = {"counter", "gauge", "histogram", "summary"};
    const std::string name = match[2];
    if (match[1] == "HELP") {
      if (!helped_.insert(name).second) Fault("second HELP", line);
      return;
    }
    if (!helped_.contains(name)) Fault("TYPE before HELP", line);
    if (!kinds.contains(match[3])) Fault("unknown type", line);
    if (!scrape_.types.emplace(name, match[3]).second) Fault("second TYPE", line);
    family_ = name;
  }

  void ReadSample(const std::smatch& match, const std::string& line) {
    const std::string name = match[1];
    const std::string& type = scrape_.types[family_];
    if (name != family_ && !(type == "histogram" && IsPartOfHistogram(name))) {
      Fault("sample outside of its family", line);
    }
    const double value = std::stod(match[4]);
    if (type == "counter" && !(value >= 0)) Fault("a counter below zero", line);
    const std::string series = name + SortedLabels(match[3], line);
    if (!scrape_.samples.emplace(series, value).second) Fault("second sample", line);
  }

  bool IsPartOfHistogram(const std::string& name) const {
    return name == family_ + "_bucket" || name == family_ + "_sum" || name == family_ + "_count";
  }

  std::string SortedLabels(const std::string& written, const std::string& line) {
    static const std::regex label(R"rx(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$))rx");
    std::map<std::string, std::string> labels;
    std::size_t end = 0;
    for (std::sregex_iterator it(written.begin(), written.end(), label), last; it != last; ++it) {
      if (static_cast<std::size_t>(it->position()) != end) Fault("bad labels", line);
      end = static_cast<std::size_t>(it->position() + it->length());
      if (!labels.emplace((*it)[1], (*it)[2]).second) Fault("label given twice", line);
    }
    if (end != written.size()) Fault("bad labels", line);
    std::string sorted;
    for (const auto& [name, value] : labels) {
      sorted += (sorted.empty() ? "" : ",") + name + "=\"" + value + "\"";
    }
    return sorted.empty() ? "" : "{" + sorted + "}";
  }

  void Fault(const std::string& what, const std::string& line) {
    scrape_.faults.push_back(what + ": " + line);
  }

  Scrape scrape_;
  std::set<std::string> helped_;
  std::string family_;
};

}  // namespace turbospec
