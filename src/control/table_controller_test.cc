#include <gtest/gtest.h>

#include "control/controller_fixture.h"
#include "control/depth_table.h"

namespace turbospec {
namespace {

class Table : public ControllerTest {
 protected:
  int DepthAt(int requests) {
    Running(requests);
    return Step(Accepting(0));
  }
};

TEST_F(Table, AloneItIsTheScheduleBuiltIntoMlc) {
  Use("table");
  EXPECT_EQ(DepthAt(1), 4);
  EXPECT_EQ(DepthAt(9), 4);
  EXPECT_EQ(DepthAt(10), 3);
  EXPECT_EQ(DepthAt(19), 3);
  EXPECT_EQ(DepthAt(20), 2);
  EXPECT_EQ(DepthAt(29), 2);
  EXPECT_EQ(DepthAt(30), 0);
  EXPECT_EQ(DepthAt(300), 0);
}

TEST_F(Table, FollowsAWrittenSchedule) {
  Use("table:1-4=3,5-16=1,17-=0");
  EXPECT_EQ(DepthAt(4), 3);
  EXPECT_EQ(DepthAt(5), 1);
  EXPECT_EQ(DepthAt(16), 1);
  EXPECT_EQ(DepthAt(17), 0);
  EXPECT_EQ(controller_->name(), "table:1-4=3,5-16=1,17-=0");
}

TEST_F(Table, GapsAndTheEndKeepTheDepthBeforeThem) {
  Use("table:1-16=3,32-128=2,256=0");
  EXPECT_EQ(DepthAt(31), 3);
  EXPECT_EQ(DepthAt(32), 2);
  EXPECT_EQ(DepthAt(255), 2);
  EXPECT_EQ(DepthAt(256), 0);
  EXPECT_EQ(DepthAt(1000), 0);
}

TEST_F(Table, LearnsNothing) {
  Use("table:1-=5");
  Running(2);
  for (const int depth : Steps(300, Accepting(0))) EXPECT_EQ(depth, 5);
}

TEST_F(Table, UsesPromptLookupWhereThereIsNoDraftModel) {
  Use("table:1-=5");
  has_draft_ = false;
  has_lookup_ = true;
  Running(2);
  Matching(1);
  Draft();
  EXPECT_EQ(plan_.choices[0].limit, (std::array<int, 2>{5, 0}));
}

TEST_F(Table, NeverDraftsMoreThanCanBeCommitted) {
  Use("table:1-=5");
  Running(2);
  views_[1].max_useful = 2;
  Draft();
  EXPECT_EQ(evidence_[0].size(), 5U);
  EXPECT_EQ(evidence_[1].size(), 2U);
}

TEST(DepthTable, NamesTheRangeThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "\"\""},
      {"2-4=1", "start at 1"},
      {"1-4=3,4-9=1", "\"4-9=1\""},
      {"5-9=1,1-4=3", "start at 1"},
      {"1-4=3,9-5=1", "\"9-5=1\""},
      {"1-4=3,5-=1,9-=0", "\"9-=0\""},
      {"1-4=65", "0 to 64"},
      {"1-4=-1", "\"1-4=-1\""},
      {"1-4", "no depth"},
      {"1-4=3,", "\"\""},
      {"0-4=3", "\"0-4=3\""},
      {"1-99999999999=3", "\"1-99999999999=3\""},
      {"-4=3", "\"-4=3\""},
  };
  for (const auto& [written, names] : cases) {
    const auto table = DepthTable::Parse(written);
    ASSERT_FALSE(table.ok()) << written;
    EXPECT_NE(table.error().message.find(names), std::string::npos) << table.error().message;
  }
}

}  // namespace
}  // namespace turbospec
