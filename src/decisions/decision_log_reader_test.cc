#include "decisions/decision_log_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/controller_factory.h"
#include "core/random.h"
#include "decisions/record_fixture.h"

namespace turbospec {
namespace {

const char kHeader[] =
    R"({"turbospec_decisions":5,"controller":"off","target":"t","draft":"","started":"",)"
    R"("slots":0,"context":0})"
    "\n";
const char kStep[] =
    R"({"step":0,"setup":"ee--","target":[0,0,0,0,0],"sampling":0,"host":0,"total":0.5})";

std::string ErrorOf(const std::string& text) {
  return Read(text).error;
}
void ExpectError(const std::string& text, const std::string& part) {
  const std::string error = ErrorOf(text);
  EXPECT_NE(error.find(part), std::string::npos) << "wanted: " << part << "\ngot: " << error;
}
// kHeader, and a step in which `from` is replaced.
std::string WithStep(const std::string& from, const std::string& to) {
  std::string step = kStep;
  step.replace(step.find(from), from.size(), to);
  return kHeader + step + "\n";
}
std::string WithRequest(const std::string& request) {
  return WithStep(R"("target")", R"("requests":[)" + request + R"(],"target")");
}

TEST(DecisionLogReader, ReadsAMinimalStep) {
  const ReadLog read = Read(std::string(kHeader) + kStep + "\n");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.header.controller, "off");
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].total, Seconds(0.5));
}

TEST(DecisionLogReader, RefusesWhatIsNoLogOfItsVersion) {
  ExpectError("", "is empty");
  ExpectError("hello\n", "log:1: this is not a decision log");
  ExpectError("[1]\n", "not a decision log");
  ExpectError("{\"turbospec_decisions\":1}\n", "has version 1; this program reads 5");
  ExpectError("{\"turbospec_decisions\":5}\n", "\"controller\" is missing");
  std::string more = kHeader;
  more.insert(1, "\"color\":1,");
  ExpectError(more, "unknown field \"color\"");
}

TEST(DecisionLogReader, SalvagesALogThatWasCutAnywhere) {
  const auto records = RecordsOf(std::make_unique<LearningController>(), {.steps = 6});
  const std::string whole = LogOf(records);
  const std::size_t header = whole.find('\n');
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string text = whole.substr(0, size);
    const ReadLog read = Read(text);
    if (size < header) {
      EXPECT_NE(read.error, "") << size;
      continue;
    }
    ASSERT_EQ(read.error, "") << size;
    // Whole lines, with or without the newline of the last one.
    const bool ended = text.back() == '\n' || (size < whole.size() && whole[size] == '\n');
    const auto lines = std::ranges::count(text, '\n') + (ended && text.back() != '\n' ? 1 : 0);
    EXPECT_EQ(static_cast<long>(read.records.size()), lines - 1) << size;
    const std::string said = "line " + std::to_string(lines + 1) + " is cut; " +
                             std::to_string(lines - 1) + " steps read";
    EXPECT_EQ(read.cut, ended ? "" : said) << size;
  }
}

TEST(DecisionLogReader, NamesTheLineThatIsMalformed) {
  const std::string good = std::string(kHeader) + kStep + "\n";
  ExpectError(good + "{\"step\":1,\n", "log:3: not a JSON object");
  ExpectError(good + "\n", "log:3: not a JSON object");
  ExpectError(good + kStep + "\n", "log:3: step 0 comes after step 0");
  // A whole line at the end that lacks a field was not cut, it is wrong.
  ExpectError(good + "{\"step\":1}", "log:3: \"setup\" is missing");
}

TEST(DecisionLogReader, RefusesFieldsThatDoNotFit) {
  ExpectError(WithStep("\"step\":0", "\"step\":-1"), "\"step\" must be a whole number");
  ExpectError(WithStep("\"step\":0", "\"step\":0.5"), "\"step\" must be a whole number");
  ExpectError(WithStep("\"host\"", "\"ghost\""), "\"ghost\" is not a field of a step");
  ExpectError(WithStep("\"host\":0,", ""), "\"host\" is missing");
  const auto with_passes = [](const std::string& passes) {
    return WithStep("\"host\"", "\"passes\":" + passes + ",\"host\"");
  };
  ExpectError(with_passes("[[0,0,0]]"), "\"passes\" must have slots, and rows for each");
  ExpectError(with_passes("[[0,2,3]]"), "\"passes\" must be of equal lengths");
  ExpectError(with_passes("[[0,2000000000,2000000000]]"), "more slots than any engine has");
  ExpectError(WithStep("\"host\":0", "\"host\":\"0\""), "\"host\" must be a number");
  ExpectError(WithStep("ee--", "ee-x"), "unknown letter");
  ExpectError(WithStep("ee--", "ee-"), "four letters");
  ExpectError(WithStep("[0,0,0,0,0]", "[0,0,0,0]"), "\"target\" must be an array of 5");
  ExpectError(WithStep("[0,0,0,0,0]", "[0,-1,0,0,0]"), "\"target\" must be a whole number");
  ExpectError(WithStep("\"host\"", "\"keep\":[[1,\"+\"]],\"host\""), "one answer per request");
  ExpectError(WithStep("\"host\"", "\"keep\":[[1,\"?\"]],\"host\""), "written as . + -");
  ExpectError(WithStep("\"host\"", "\"why\":{\"reason\":\"whim\"},\"host\""), "\"reason\"");
  ExpectError(WithStep("\"host\"", "\"why\":{},\"host\""), "missing in \"why\"");
  ExpectError(std::string(kHeader) + "{\"dropped\":0}\n", "\"dropped\" must be a whole number");
  ExpectError(std::string(kHeader) + "{\"dropped\":1,\"x\":1}\n", "unknown field \"x\"");
}

TEST(DecisionLogReader, RefusesRequestsThatContradictThemselves) {
  const std::string view = R"({"id":1,"slot":0,"ctx":9,"lag":1,"room":5)";
  EXPECT_EQ(ErrorOf(WithRequest(view + R"(,"out":[0,0,1]})")), "");
  EXPECT_EQ(ErrorOf(WithRequest(view + R"(,"ev":[-1,[3,1,1]],"out":[2,1,2]})")), "");
  ExpectError(WithRequest(view + R"(,"out":[1,0,1]})"), "more than was proposed");
  ExpectError(WithRequest(view + R"(,"ev":[-1],"out":[0,1,1]})"), "accepts more");
  ExpectError(WithRequest(view + R"(,"ev":[[1]],"out":[0,0,1]})"), "bad token");
  ExpectError(WithRequest(view + R"(,"ev":[[2,0,1,1,1]],"out":[0,0,1]})"), "bad proposer");
  ExpectError(WithRequest(view + R"(,"out":[0,0,1],"mood":1})"), "\"mood\" is not a field");
  ExpectError(WithRequest(view + "}"), "\"out\" is missing in a request");
  ExpectError(WithRequest(R"({"id":-1})"), "\"id\" must be a whole number");
  ExpectError(WithRequest(R"({"slot":99999999})"), "\"slot\" is larger");
  ExpectError(WithRequest("7"), "must hold objects");
}

TEST(DecisionLogReader, CountsWhatWasDropped) {
  const ReadLog read = Read(std::string(kHeader) + "{\"dropped\":7}\n" + kStep + "\n");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.dropped, 7);
  EXPECT_EQ(read.records.size(), 1U);
}

TEST(DecisionLogReader, SurvivesAnyChangedByte) {
  const std::string whole = LogOf(RecordsOf(std::make_unique<LearningController>(), {.steps = 4}));
  RandomStream dice(3);
  for (int i = 0; i < 3000; ++i) {
    std::string text = whole;
    for (int n = 0; n < 1 + i % 3; ++n) {
      text[dice.Bits() % text.size()] = static_cast<char>(dice.Bits());
    }
    const ReadLog read = Read(text);  // must end, whatever it says
    EXPECT_LE(read.records.size(), 5U);
  }
}

}  // namespace
}  // namespace turbospec
