// The rules of a GBNF grammar, as far as it takes to say that each is defined and none can call
// itself without consuming text first. Built by CheckGbnf; a value, used by one thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace turbospec {

class GbnfRules {
 public:
  struct Item {
    int rule = -1;          // -1 = consumes text itself
    bool optional = false;  // may be left out
    bool repeats = false;   // any number of times
  };
  using Sequence = std::vector<Item>;
  using Alternatives = std::vector<Sequence>;

  int Define(const std::string& name);                         // a rule's name at its ::=
  int Refer(const std::string& name) { return Number(name); }  // elsewhere
  int Add();                                                   // a rule without a name
  void Set(int rule, Alternatives alternatives);
  std::size_t size() const { return rules_.size(); }

  // "" or what is wrong: no root, a rule that is not defined, or left recursion.
  std::string FindFault() const;

 private:
  struct Rule {
    std::string name = {};  // "" = a group
    bool defined = false;
    Alternatives alternatives = {};
  };

  int Number(const std::string& name);
  bool MayBeEmpty(const Item& item, const std::vector<char>& empty) const;
  std::vector<char> EmptyRules() const;
  bool RecursesLeft(int start, const std::vector<char>& empty) const;

  std::vector<Rule> rules_;
  std::map<std::string, int> numbers_;
};

}  // namespace turbospec
