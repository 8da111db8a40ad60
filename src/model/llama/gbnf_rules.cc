#include "model/llama/gbnf_rules.h"

#include <algorithm>
#include <utility>

namespace turbospec {

int GbnfRules::Number(const std::string& name) {
  const auto [found, added] = numbers_.emplace(name, static_cast<int>(rules_.size()));
  if (added) rules_.push_back({.name = name});
  return found->second;
}

int GbnfRules::Define(const std::string& name) {
  const int rule = Number(name);
  rules_[static_cast<std::size_t>(rule)].defined = true;
  return rule;
}

int GbnfRules::Add() {
  rules_.push_back({.defined = true});
  return static_cast<int>(rules_.size()) - 1;
}

void GbnfRules::Set(int rule, Alternatives alternatives) {
  rules_[static_cast<std::size_t>(rule)].alternatives = std::move(alternatives);
}

bool GbnfRules::MayBeEmpty(const Item& item, const std::vector<char>& empty) const {
  return item.optional || (item.rule >= 0 && empty[static_cast<std::size_t>(item.rule)] != 0);
}

// The least fixed point: a rule may be empty when all items of one alternative may.
std::vector<char> GbnfRules::EmptyRules() const {
  std::vector<char> empty(rules_.size(), 0);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t r = 0; r < rules_.size(); ++r) {
      if (empty[r]) continue;
      const auto& alternatives = rules_[r].alternatives;
      empty[r] = std::any_of(alternatives.begin(), alternatives.end(), [&](const Sequence& s) {
        return std::all_of(s.begin(), s.end(),
                           [&](const Item& item) { return MayBeEmpty(item, empty); });
      });
      changed |= empty[r] != 0;
    }
  }
  return empty;
}

// Whether `start` can stand at the left edge of what it derives.
bool GbnfRules::RecursesLeft(int start, const std::vector<char>& empty) const {
  std::vector<char> seen(rules_.size(), 0);
  std::vector<int> todo = {start};
  while (!todo.empty()) {
    const int rule = todo.back();
    todo.pop_back();
    for (const Sequence& sequence : rules_[static_cast<std::size_t>(rule)].alternatives) {
      for (const Item& item : sequence) {
        if (item.rule == start) return true;
        if (item.rule >= 0 && !seen[static_cast<std::size_t>(item.rule)]) {
          seen[static_cast<std::size_t>(item.rule)] = 1;
          todo.push_back(item.rule);
        }
        if (!MayBeEmpty(item, empty)) break;
      }
    }
  }
  return false;
}

std::string GbnfRules::FindFault() const {
  const auto root = numbers_.find("root");
  if (root == numbers_.end() || !rules_[static_cast<std::size_t>(root->second)].defined) {
    return "no rule is named root";
  }
  for (const Rule& rule : rules_) {
    if (!rule.defined) return "rule " + rule.name + " is used but not defined";
  }
  const std::vector<char> empty = EmptyRules();
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    const std::string& name = rules_[r].name;
    for (const Sequence& sequence : rules_[r].alternatives) {
      for (const Item& item : sequence) {
        if (item.repeats && item.rule >= 0 && empty[static_cast<std::size_t>(item.rule)]) {
          return "something that may be empty is repeated without end";
        }
      }
    }
    if (RecursesLeft(static_cast<int>(r), empty)) {
      return "rule " + (name.empty() ? std::string("of a group") : name) +
             " begins with itself (left recursion)";
    }
  }
  return "";
}

}  // namespace turbospec
