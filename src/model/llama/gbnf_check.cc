#include "model/llama/gbnf_check.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/utf8.h"
#include "model/llama/gbnf_rules.h"

namespace turbospec {
namespace {

constexpr std::size_t kMostBytes = 256 << 10;
constexpr int kDeepest = 64;  // nested groups
constexpr std::size_t kMostRules = 4000;
constexpr std::uint64_t kMostRepeats = 2000;  // libllama's own bound on rules x repetitions

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || IsDigit(c);
}
bool IsHex(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A recursive-descent reader; every Read function leaves error_ set and returns false on failure.
class Reader {
 public:
  Reader(std::string_view text, const std::function<bool(std::string_view)>& is_token)
      : text_(text), is_token_(is_token) {}

  bool ReadGrammar() {
    SkipSpace(true);
    while (!AtEnd()) {
      if (!ReadRule()) return false;
    }
    return true;
  }

  const std::string& error() const { return error_; }
  bool names_tokens() const { return names_tokens_; }
  const GbnfRules& rules() const { return rules_; }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool Fail(const std::string& what) {
    const std::string_view before = text_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == before.npos ? at_ + 1 : at_ - newline;
    error_ = "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what;
    return false;
  }

  void SkipSpace(bool newline_too) {
    for (;; ++at_) {
      const char c = Peek();
      if (c == '#') {
        while (!AtEnd() && Peek() != '\n' && Peek() != '\r') ++at_;
        if (AtEnd() || !newline_too) return;
      } else if (c != ' ' && c != '\t' && !(newline_too && (c == '\n' || c == '\r'))) {
        return;
      }
    }
  }

  std::string_view ReadWord() {
    const std::size_t begin = at_;
    while (IsWord(Peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool ReadRule() {
    const std::string name(ReadWord());
    if (name.empty()) return Fail("expected the name of a rule");
    SkipSpace(false);
    if (text_.substr(at_, 3) != "::=") return Fail("expected ::= after \"" + name + "\"");
    at_ += 3;
    SkipSpace(true);
    const int rule = rules_.Define(name);
    if (!ReadAlternatives(rule, 0)) return false;
    if (!AtEnd() && Peek() != '\n' && Peek() != '\r') {
      return Fail(std::string("unexpected \"") + Peek() + "\"");
    }
    SkipSpace(true);
    return true;
  }

  bool ReadAlternatives(int rule, int depth) {
    if (depth > kDeepest) return Fail("groups nest too deeply");
    GbnfRules::Alternatives alternatives(1);
    for (;;) {
      if (!ReadSequence(&alternatives.back(), depth)) return false;
      if (Peek() != '|') break;
      ++at_;
      SkipSpace(true);
      alternatives.emplace_back();
    }
    rules_.Set(rule, std::move(alternatives));
    return rules_.size() <= kMostRules || Fail("the grammar has too many rules");
  }

  bool ReadSequence(GbnfRules::Sequence* sequence, int depth) {
    std::uint64_t weight = 1;  // rules that the last item stands for
    bool has_item = false;     // something that * + ? {} can apply to
    for (;;) {
      const char c = Peek();
      if (c == '*' || c == '+' || c == '?' || c == '{') {
        if (!has_item) return Fail(std::string("nothing stands before \"") + c + "\"");
        if (!ReadRepetition(&sequence->back(), &weight)) return false;
      } else if (c == '"' || c == '[' || c == '.' || c == '<' || c == '!') {
        const std::size_t begin = at_;
        if (!ReadTerminal()) return false;
        // "" matches the empty text; libllama applies a repetition after it to nothing.
        has_item = text_.substr(begin, at_ - begin) != "\"\"";
        if (has_item) sequence->push_back({});
        weight = 1;
      } else if (c == '(') {
        if (!ReadGroup(sequence, depth, &weight)) return false;
        has_item = true;
      } else if (IsWord(c)) {
        sequence->push_back({.rule = rules_.Refer(std::string(ReadWord()))});
        has_item = true;
        weight = 1;
      } else {
        return true;
      }
      SkipSpace(depth > 0);
    }
  }

  bool ReadGroup(GbnfRules::Sequence* sequence, int depth, std::uint64_t* weight) {
    const std::size_t rules_before = rules_.size();
    ++at_;
    SkipSpace(true);
    const int group = rules_.Add();
    if (!ReadAlternatives(group, depth + 1)) return false;
    if (Peek() != ')') return Fail("expected )");
    ++at_;
    sequence->push_back({.rule = group});
    *weight = rules_.size() - rules_before;
    return true;
  }

  bool ReadTerminal() {
    switch (Peek()) {
      case '"':
        ++at_;
        while (Peek() != '"') {
          if (!ReadChar()) return false;
        }
        ++at_;
        return true;
      case '[':
        return ReadSet();
      case '.':
        ++at_;
        return true;
      default:
        return ReadToken();
    }
  }

  bool ReadSet() {
    ++at_;
    if (Peek() == '^') ++at_;
    if (Peek() == ']') return Fail("[] matches nothing");
    while (Peek() != ']') {
      if (!ReadChar()) return false;
      if (Peek() == '-' && Peek(1) != ']') {
        ++at_;
        if (!ReadChar()) return false;
      }
    }
    ++at_;
    return true;
  }

  // One character or escape, inside quotes or brackets.
  bool ReadChar() {
    if (AtEnd()) return Fail("unexpected end of the grammar");
    if (Peek() != '\\') {
      ++at_;
      while ((Peek() & 0xC0) == 0x80) ++at_;
      return true;
    }
    const char kind = Peek(1);
    if (std::string_view("trn\\\"[]-").find(kind) != std::string_view::npos && kind != '\0') {
      at_ += 2;
      return true;
    }
    const int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (digits == 0) return Fail("unknown escape");
    for (int i = 0; i < digits; ++i) {
      if (!IsHex(Peek(2 + static_cast<std::size_t>(i)))) {
        return Fail("expected " + std::to_string(digits) + " hexadecimal digits");
      }
    }
    at_ += 2 + static_cast<std::size_t>(digits);
    return true;
  }

  bool ReadToken() {
    const std::size_t begin = at_;
    if (Peek() == '!') ++at_;
    if (Peek() != '<') return Fail("expected <");
    const std::size_t open = at_;
    while (!AtEnd() && Peek() != '>') ++at_;
    if (AtEnd()) {
      at_ = begin;
      return Fail("expected > to end a token");
    }
    ++at_;
    if (!is_token_(text_.substr(open, at_ - open))) {
      at_ = begin;
      return Fail("this is not one token of the vocabulary");
    }
    names_tokens_ = true;
    return true;
  }

  bool ReadCount(std::uint64_t* count) {
    if (!IsDigit(Peek())) return Fail("expected a number");
    *count = 0;
    for (; IsDigit(Peek()); ++at_) {
      *count = *count * 10 + static_cast<std::uint64_t>(Peek() - '0');
      if (*count > kMostRepeats) return Fail("too many repetitions");
    }
    SkipSpace(true);
    return true;
  }

  // * + ? {n} {n,} {n,m} after an item; libllama writes the item out, hence the bound.
  bool ReadRepetition(GbnfRules::Item* item, std::uint64_t* weight) {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    bool unbounded = false;
    const char kind = Peek();
    ++at_;
    if (kind == '{') {
      SkipSpace(true);
      if (!ReadCount(&least)) return false;
      most = least;
      if (Peek() == ',') {
        ++at_;
        SkipSpace(true);
        unbounded = Peek() == '}';
        if (!unbounded && !ReadCount(&most)) return false;
      }
      if (Peek() != '}') return Fail("expected }");
      ++at_;
      if (!unbounded && most < least) return Fail("the largest count is below the smallest");
    } else {
      least = kind == '+' ? 1 : 0;
      most = 1;
      unbounded = kind != '?';
    }
    *weight *= std::max<std::uint64_t>(1, unbounded ? least : most);
    if (*weight >= kMostRepeats) return Fail("the repetitions multiply to too many rules");
    const std::uint64_t written_out = unbounded ? 1 : most - least;
    for (std::uint64_t i = 0; i < written_out; ++i) rules_.Add();
    if (unbounded && item->optional) {
      return Fail("something that may be empty is repeated without end");
    }
    if (least == 0) item->optional = true;
    if (unbounded) item->repeats = true;
    return rules_.size() <= kMostRules || Fail("the grammar has too many rules");
  }

  std::string_view text_;
  const std::function<bool(std::string_view)>& is_token_;
  std::size_t at_ = 0;
  std::string error_;
  bool names_tokens_ = false;
  GbnfRules rules_;
};

}  // namespace

Result<GbnfFacts> CheckGbnf(std::string_view gbnf,
                            const std::function<bool(std::string_view)>& is_token) {
  const auto refuse = [](const std::string& why) { return InvalidArgument("grammar: " + why); };
  if (gbnf.size() > kMostBytes) {
    return refuse("longer than " + std::to_string(kMostBytes) + " bytes");
  }
  if (!IsValidUtf8(gbnf) || gbnf.find('\0') != gbnf.npos) return refuse("not valid UTF-8 text");
  Reader reader(gbnf, is_token);
  if (!reader.ReadGrammar()) return refuse(reader.error());
  if (const std::string fault = reader.rules().FindFault(); !fault.empty()) return refuse(fault);
  return GbnfFacts{.names_tokens = reader.names_tokens()};
}

}  // namespace turbospec
