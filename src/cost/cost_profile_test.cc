#include "cost/cost_profile.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/random.h"
#include "cost/cost_fixture.h"

namespace turbospec {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string Refusal(const std::string& text) {
  const auto profile = ParseProfile(text);
  return profile.ok() ? "accepted" : profile.error().message;
}

// What the reader says to the sample profile after `change`.
std::string RefusalAfter(const std::function<void(json&)>& change) {
  json value = json::parse(ToJson(SampleProfile()));
  change(value);
  return Refusal(value.dump());
}

bool Says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string MismatchAfter(const std::function<void(ProfileKey&)>& change) {
  ProfileKey wanted = SampleProfile().key;
  change(wanted);
  return Mismatch(SampleProfile().key, wanted).value_or("fits");
}

TEST(CostProfile, ReadsBackWhatWasWritten) {
  const CostProfile profile = SampleProfile();
  const auto read = ParseProfile(ToJson(profile));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, profile);
}

TEST(CostProfile, ReadsBackAProfileWithoutDraftAndWithOneSlot) {
  CostProfile profile = SampleProfile();
  profile.key.draft.reset();
  profile.draft.reset();
  profile.target.tables = TablesOf(Line, kContexts, kRows, 1);
  const auto read = ParseProfile(ToJson(profile));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, profile);
}

TEST(CostProfileReader, RefusesATextCutAtAnyByte) {
  const std::string text = ToJson(SampleProfile());
  const std::size_t end = text.find_last_of('}');
  for (std::size_t length = 0; length <= end; ++length) {
    ASSERT_FALSE(ParseProfile(std::string_view(text).substr(0, length)).ok()) << length;
  }
}

TEST(CostProfileReader, SurvivesAnyChangedByte) {
  const std::string good = ToJson(SampleProfile());
  RandomStream random(5);
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    text[random.Bits() % text.size()] = static_cast<char>(random.Bits());
    const auto profile = ParseProfile(text);
    if (!profile.ok()) continue;
    EXPECT_TRUE(CostSurface::Create(profile->target.tables).ok());
  }
}

TEST(CostProfileReader, RefusesEveryFieldThatIsMissingOrUnknown) {
  const json good = json::parse(ToJson(SampleProfile()));
  for (const json::json_pointer& place :
       {json::json_pointer(""), json::json_pointer("/key"), json::json_pointer("/key/target"),
        json::json_pointer("/key/draft"), json::json_pointer("/target"),
        json::json_pointer("/target/one"), json::json_pointer("/draft/spread"),
        json::json_pointer("/target/checks/0"), json::json_pointer("/host")}) {
    for (const auto& field : good[place].items()) {
      const std::string said = RefusalAfter([&](json& v) { v[place].erase(field.key()); });
      EXPECT_TRUE(Says(said, field.key())) << place << " " << field.key() << ": " << said;
      EXPECT_TRUE(Says(said, "turbospec profile")) << said;
    }
    const std::string said = RefusalAfter([&](json& v) { v[place]["sconds"] = 1; });
    EXPECT_TRUE(Says(said, "unknown field \"sconds\"")) << place << ": " << said;
  }
}

TEST(CostProfileReader, RefusesTimesThatCannotBe) {
  for (const char* place :
       {"/target/one/seconds/0/0", "/draft/spread/seconds/1/3", "/target/checks/0/seconds"}) {
    const json::json_pointer pointer(place);
    for (const json& bad : {json(0), json(-0.5), json("1"), json(), json(true)}) {
      EXPECT_NE(RefusalAfter([&](json& v) { v[pointer] = bad; }), "accepted") << place << bad;
    }
  }
  EXPECT_NE(RefusalAfter([](json& v) { v["host"]["seconds_per_row"] = -1e-9; }), "accepted");
  EXPECT_NE(RefusalAfter([](json& v) { v["target"]["first_use_seconds"] = -1; }), "accepted");
  EXPECT_NE(RefusalAfter([](json& v) { v["target"]["shape_change_seconds"] = -1; }), "accepted");
  std::string text = ToJson(SampleProfile());
  const std::size_t place = text.find("0.034");
  ASSERT_NE(place, std::string::npos);
  EXPECT_NE(Refusal(std::string(text).replace(place, 5, "NaN")), "accepted");
  EXPECT_NE(Refusal(std::string(text).replace(place, 5, "1e999")), "accepted");
}

TEST(CostProfileReader, RefusesGridsThatAreNotInOrder) {
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["target"]["one"]["rows"][1] = 64; }), "ascend"));
  EXPECT_TRUE(Says(RefusalAfter([](json& v) {
                     v["draft"]["one"]["contexts"] = {384, 64};
                   }),
                   "ascend"));
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["target"]["one"]["seconds"].erase(1); }),
                   "one time per context"));
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["target"]["one"]["seconds"][0].erase(1); }),
                   "one value per row count"));
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["target"]["one"]["rows"][1] = 1.5; }), "1.5"));
}

TEST(CostProfileReader, SaysWhatItDoesNotUnderstand) {
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["turbospec_profile"] = 1; }), "version 1"));
  EXPECT_TRUE(Says(Refusal("{}"), "it is not a profile"));
  EXPECT_TRUE(Says(Refusal("[]"), "not a JSON object"));
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["mode"] = "fast"; }), "\"quick\" or \"full\""));
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["draft"] = nullptr; }), "both"));
  EXPECT_TRUE(Says(RefusalAfter([](json& v) { v["key"]["target"]["fingerprint"] = "12"; }),
                   "16 hexadecimal digits"));
}

TEST(ProfileKey, FitsTheMachineItWasMeasuredOn) {
  EXPECT_EQ(MismatchAfter([](ProfileKey&) {}), "fits");
  EXPECT_EQ(MismatchAfter([](ProfileKey& k) { k.slots = 4; }), "fits");
  EXPECT_EQ(MismatchAfter([](ProfileKey& k) { k.draft.reset(); }), "fits");
  EXPECT_EQ(MismatchAfter([](ProfileKey& k) { k.target.name = "renamed"; }), "fits");
}

TEST(ProfileKey, SaysTheFirstDifferenceInWords) {
  const auto says = [](const std::string& part, const std::function<void(ProfileKey&)>& change) {
    const std::string said = MismatchAfter(change);
    EXPECT_TRUE(Says(said, part)) << said;
  };
  says("the target model target-1b, here it is other",
       [](ProfileKey& k) { k.target = {.name = "other", .fingerprint = 1}; });
  says("another file or other settings", [](ProfileKey& k) { k.target.fingerprint = 1; });
  says("the draft model draft-110m",
       [](ProfileKey& k) { k.draft = {.name = "x", .fingerprint = 1}; });
  says("processor", [](ProfileKey& k) { k.processor = "slow"; });
  says("cores of 2, here it is 4", [](ProfileKey& k) { k.cores = 4; });
  says("device cpu, here it is CUDA0", [](ProfileKey& k) { k.device = "CUDA0"; });
  says("threads of 2, here it is 1", [](ProfileKey& k) { k.threads = 1; });
  says("stream", [](ProfileKey& k) { k.batch_rule = BatchRule::kOnePass; });
  says("KV type f16, here it is q8_0", [](ProfileKey& k) { k.kv_type = "q8_0"; });
  says("libllama 0.7.0", [](ProfileKey& k) { k.llama_version = "libllama 0.8.0"; });
  says("8 slots, here it is 16", [](ProfileKey& k) { k.slots = 16; });
  ProfileKey without = SampleProfile().key;
  without.draft.reset();
  EXPECT_TRUE(Says(Mismatch(without, SampleProfile().key).value_or(""), "without a draft"));
}

TEST(ProfileKey, NamesItsCacheFileByEverythingButTheSlots) {
  const ProfileKey key = SampleProfile().key;
  const auto renamed = [&](const std::function<void(ProfileKey&)>& change) {
    ProfileKey other = key;
    change(other);
    return CacheName(other) != CacheName(key);
  };
  EXPECT_EQ(CacheName(key).size(), 16U);
  EXPECT_FALSE(renamed([](ProfileKey& k) { k.slots = 1; }));
  EXPECT_TRUE(renamed([](ProfileKey& k) { k.target.fingerprint = 1; }));
  EXPECT_TRUE(renamed([](ProfileKey& k) { k.draft.reset(); }));
  EXPECT_TRUE(renamed([](ProfileKey& k) { k.threads = 1; }));
  EXPECT_TRUE(renamed([](ProfileKey& k) { k.kv_type = "q8_0"; }));
}

class CostProfileFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string Path() const { return (folder_ / "profiles" / "a.json").string(); }
  std::ptrdiff_t Files() const {
    return std::distance(fs::directory_iterator(folder_ / "profiles"), fs::directory_iterator());
  }

  fs::path folder_;
};

TEST_F(CostProfileFile, IsWrittenWithItsFoldersAndReadBack) {
  ASSERT_TRUE(WriteProfile(Path(), SampleProfile()).ok());
  const auto read = ReadProfile(Path());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, SampleProfile());
}

TEST_F(CostProfileFile, IsReplacedInOnePieceAndLeavesNoTemporaryFile) {
  CostProfile profile = SampleProfile();
  ASSERT_TRUE(WriteProfile(Path(), profile).ok());
  // A reader that opened the old one keeps it whole.
  std::ifstream reader(Path());
  profile.measured_at = "2027-01-01T00:00:00Z";
  ASSERT_TRUE(WriteProfile(Path(), profile).ok());
  const std::string old((std::istreambuf_iterator<char>(reader)), {});
  EXPECT_EQ(ParseProfile(old).value(), SampleProfile());
  EXPECT_EQ(ReadProfile(Path()).value(), profile);
  EXPECT_EQ(Files(), 1);
}

TEST_F(CostProfileFile, ThatCannotBeWrittenLeavesTheOldOne) {
  fs::create_directories(Path());  // a folder in its place
  const Status written = WriteProfile(Path(), SampleProfile());
  ASSERT_FALSE(written.ok());
  EXPECT_TRUE(Says(written.error().message, "cannot be written"));
  EXPECT_EQ(Files(), 1);
  EXPECT_FALSE(WriteProfile("/dev/null/a.json", SampleProfile()).ok());
}

TEST_F(CostProfileFile, ThatCannotBeReadSaysHowToMakeOne) {
  for (const std::string& path : {Path(), std::string("/")}) {
    const auto read = ReadProfile(path);
    ASSERT_FALSE(read.ok());
    EXPECT_TRUE(Says(read.error().message, "turbospec profile")) << read.error().message;
  }
  fs::create_directories(folder_ / "profiles");
  std::ofstream(Path()) << "{\"turbospec_profile\": 2";
  EXPECT_TRUE(Says(ReadProfile(Path()).error().message, Path()));
}

}  // namespace
}  // namespace turbospec
