#include "model/llama/gbnf_check.h"

#include <gtest/gtest.h>

#include <string>

namespace turbospec {
namespace {

// "" when the grammar is fine.
std::string Fault(std::string_view gbnf) {
  const auto facts = CheckGbnf(gbnf, [](std::string_view e) { return e == "<tool>"; });
  return facts.ok() ? "" : facts.error().message;
}

TEST(CheckGbnf, TakesWhatLibllamaTakes) {
  EXPECT_EQ(Fault("root ::= \"yes\" | \"no\""), "");
  EXPECT_EQ(Fault("root ::= item (\",\" item)* # comment\nitem ::= [a-z0-9_\\]-]+\n"), "");
  EXPECT_EQ(Fault("root ::= \"\\x41\\u00e9\\U0001F600\\n\\\"\" . [^\\n]{2,} x?\nx ::= \n"), "");
  EXPECT_EQ(Fault("root ::= (\"a\" |\n \"b\"\n)\nroot2 ::= root"), "");
  EXPECT_EQ(Fault("root ::= v\nv ::= \"[\" (v (\",\" v)*)? \"]\" | [0-9]+"), "");
}

TEST(CheckGbnf, SaysWhereTheGrammarIsWrong) {
  EXPECT_EQ(Fault("root = \"a\""), "grammar: line 1, column 6: expected ::= after \"root\"");
  EXPECT_EQ(Fault("root ::= (\"a\"\n"), "grammar: line 2, column 1: expected )");
  EXPECT_EQ(Fault("root ::= \"a"), "grammar: line 1, column 12: unexpected end of the grammar");
  EXPECT_EQ(Fault("root ::= [a-z"), "grammar: line 1, column 14: unexpected end of the grammar");
  EXPECT_EQ(Fault("root ::= \"\\q\""), "grammar: line 1, column 11: unknown escape");
  EXPECT_EQ(Fault("root ::= *"), "grammar: line 1, column 10: nothing stands before \"*\"");
  EXPECT_EQ(Fault("# first\n\nroot ::=\n  \"a\" |\n  b{2,3} c{,4}\n"),
            "grammar: line 5, column 12: expected a number");
  EXPECT_EQ(Fault("root ::= a ) b\n"), "grammar: line 1, column 12: unexpected \")\"");
}

TEST(CheckGbnf, RefusesRulesThatDoNotExist) {
  EXPECT_EQ(Fault("start ::= \"a\""), "grammar: no rule is named root");
  EXPECT_EQ(Fault("a ::= root"), "grammar: no rule is named root");
  EXPECT_EQ(Fault("root ::= thing"), "grammar: rule thing is used but not defined");
  EXPECT_EQ(Fault(""), "grammar: no rule is named root");
}

TEST(CheckGbnf, RefusesLeftRecursionHoweverHidden) {
  EXPECT_NE(Fault("root ::= root \"a\" | \"b\"").find("left recursion"), std::string::npos);
  EXPECT_NE(Fault("root ::= a\na ::= \"x\"? root \"y\"").find("left recursion"), std::string::npos);
  EXPECT_NE(Fault("root ::= a root \"x\" | \"y\"\na ::= b\nb ::= \"\"").find("left recursion"),
            std::string::npos);
  EXPECT_NE(Fault("root ::= (\"a\"?)* \"b\"").find("repeated without end"), std::string::npos);
  EXPECT_NE(Fault("root ::= \"a\"**").find("repeated without end"), std::string::npos);
  EXPECT_EQ(Fault("root ::= \"a\" root | \"b\""), "");
}

TEST(CheckGbnf, RefusesWhatWouldExhaustTheProcess) {
  EXPECT_NE(Fault("root ::= " + std::string(100000, '(')).find("too deeply"), std::string::npos);
  EXPECT_NE(Fault("root ::= \"a\"{5000}").find("too many"), std::string::npos);
  EXPECT_NE(Fault("root ::= ((\"a\"{0,99}){0,99}){0,99}").find("too many"), std::string::npos);
  EXPECT_NE(Fault("root ::= \"a\"{99999999999999999999}").find("too many"), std::string::npos);
  EXPECT_NE(Fault("root ::= \"" + std::string(300000, 'a') + "\"").find("longer"),
            std::string::npos);
  EXPECT_NE(Fault("root ::= \"\xff\"").find("UTF-8"), std::string::npos);
  EXPECT_NE(Fault(std::string_view("root ::= \"a\0\"", 13)).find("UTF-8"), std::string::npos);
}

TEST(CheckGbnf, KnowsTokensOfTheVocabulary) {
  EXPECT_EQ(Fault("root ::= <tool> \"a\" !<tool>"), "");
  EXPECT_NE(Fault("root ::= <other>").find("not one token"), std::string::npos);
  EXPECT_NE(Fault("root ::= <tool").find("expected >"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
