#include "cli/bench_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

namespace turbospec::cli {
namespace {

const std::string kWorkloads = TURBOSPEC_BENCH_WORKLOADS;
const std::string kTestdata = TURBOSPEC_WORKLOAD_TESTDATA;

SourceFlags Flags(const std::function<void(SourceFlags&)>& set) {
  SourceFlags flags;
  set(flags);
  return flags;
}

std::string Told(const BenchSource& made, const std::string& name) {
  for (const auto& [key, value] : made.setup) {
    if (key == name) return value;
  }
  return "nothing";
}

void ExpectRefused(const std::string& what, const std::function<void(SourceFlags&)>& set) {
  const auto made = MakeBenchSource(Flags(set));
  ASSERT_FALSE(made.ok()) << what;
  EXPECT_NE(made.error().message.find(what), std::string::npos) << made.error().message;
}

TEST(BenchSource, PlaysAMixOfAWorkloadAndTellsAllOfIt) {
  const auto made = MakeBenchSource(Flags([](SourceFlags& flags) {
    flags.workload = kWorkloads;
    flags.mix = "json=2,code=0.5";
    flags.split = "held_out";
    flags.arrivals = "burst:on=1,off=2,rate=100";
    flags.seed = 9;
    flags.model = "m";
    flags.max_tokens = 5;
    flags.extra_body = R"({"ignore_eos": true})";
  }));
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(made->endless);
  EXPECT_NE(Told(*made, "workload").find("1600 prompts"), std::string::npos);
  EXPECT_EQ(Told(*made, "mix"), "json=2,code=0.5");
  EXPECT_EQ(Told(*made, "split"), "held_out");
  EXPECT_EQ(Told(*made, "arrivals"), "burst:on=1,off=2,rate=100");
  EXPECT_EQ(Told(*made, "seed"), "9");
  EXPECT_EQ(Told(*made, "model"), "m");
  EXPECT_EQ(Told(*made, "max_tokens"), "5");
  EXPECT_EQ(Told(*made, "extra_body"), R"({"ignore_eos": true})");
  for (int i = 0; i < 20; ++i) {
    const BenchRequest request = made->source->Take();
    EXPECT_TRUE(request.class_name == "json" || request.class_name == "code");
    const auto body = nlohmann::json::parse(request.body);
    EXPECT_EQ(body["model"], "m");
    EXPECT_EQ(body["max_tokens"], 5);
    EXPECT_EQ(body["ignore_eos"], true);
  }
}

TEST(BenchSource, TakesClientsAndRateAsShortFormsOfArrivals) {
  const auto closed = MakeBenchSource(Flags([](SourceFlags& flags) {
    flags.prompt = "Once \xff";  // not UTF-8: sent with the replacement character
    flags.clients = 2;
  }));
  ASSERT_TRUE(closed.ok()) << closed.error().message;
  EXPECT_EQ(Told(*closed, "arrivals"), "closed:2");
  EXPECT_EQ(Told(*closed, "prompts"), "one prompt");
  closed->source->Take();
  EXPECT_EQ(closed->source->Take().class_name, "");
  EXPECT_FALSE(closed->source->NextTime().has_value());

  const auto open = MakeBenchSource(Flags([](SourceFlags& flags) {
    flags.prompt = "Once";
    flags.rate = 2.5;
  }));
  ASSERT_TRUE(open.ok()) << open.error().message;
  EXPECT_EQ(Told(*open, "arrivals"), "poisson:2.5");
  EXPECT_GT(open->source->NextTime(), Seconds(0));
}

TEST(BenchSource, EndsByItselfWithPhasesAndTraces) {
  const auto phases = MakeBenchSource(Flags([](SourceFlags& flags) {
    flags.workload = kWorkloads;
    flags.arrivals = "phases:" + kTestdata + "/phases.json";
  }));
  ASSERT_TRUE(phases.ok()) << phases.error().message;
  EXPECT_FALSE(phases->endless);
  EXPECT_TRUE(Told(*phases, "arrivals").ends_with("phases.json (3 phases, 75.5 s)"));
  EXPECT_EQ(phases->source->Take().class_name, "story");

  const auto trace = MakeBenchSource(Flags([](SourceFlags& flags) {
    flags.workload = kWorkloads + "/story.jsonl";
    flags.trace = "burstgpt:" + kTestdata + "/burstgpt.csv";
    flags.trace_scale = 0.1;
    flags.trace_limit = 3;
    flags.trace_max_output = 20;
  }));
  ASSERT_TRUE(trace.ok()) << trace.error().message;
  EXPECT_FALSE(trace->endless);
  EXPECT_NE(Told(*trace, "trace").find("burstgpt.csv (3 requests in 11.3 s, 0 left out)"),
            std::string::npos);
  EXPECT_EQ(Told(*trace, "trace_scale"), "0.1");
  EXPECT_EQ(Told(*trace, "trace_max_output"), "20 tokens");
  EXPECT_EQ(trace->source->Take().at, Seconds(0));
  const BenchRequest second = trace->source->Take();
  EXPECT_DOUBLE_EQ(second.at.count(), 4);
  EXPECT_EQ(nlohmann::json::parse(second.body)["max_tokens"], 20);
}

TEST(BenchSource, TakesTheFormatOfATraceFromEitherFlag) {
  const auto made = MakeBenchSource(Flags([](SourceFlags& flags) {
    flags.workload = kWorkloads + "/json.jsonl";
    flags.trace = kTestdata + "/mooncake.jsonl";
    flags.trace_format = "mooncake";
  }));
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(Told(*made, "trace").starts_with("mooncake:"));
}

TEST(BenchSource, SaysWhichFlagIsMissing) {
  ExpectRefused("--workload", [](SourceFlags& flags) { flags.clients = 1; });
  ExpectRefused("--clients", [](SourceFlags& flags) { flags.prompt = "a"; });
  ExpectRefused("give --workload beside --trace", [](SourceFlags& flags) {
    flags.prompt = "a";
    flags.trace = "azure:x";
  });
  ExpectRefused("azure:FILE", [](SourceFlags& flags) {
    flags.workload = kWorkloads;
    flags.trace = kTestdata + "/azure_2023.csv";
  });
}

TEST(BenchSource, SaysWhichFlagsContradictEachOther) {
  ExpectRefused("only one of --workload, --prompts", [](SourceFlags& flags) {
    flags.prompt = "a";
    flags.workload = kWorkloads;
    flags.clients = 1;
  });
  ExpectRefused("only one of --clients, --rate", [](SourceFlags& flags) {
    flags.prompt = "a";
    flags.clients = 1;
    flags.arrivals = "closed:1";
  });
  ExpectRefused("--mix and --split", [](SourceFlags& flags) {
    flags.prompt = "a";
    flags.clients = 1;
    flags.mix = "json";
  });
  ExpectRefused("give --trace", [](SourceFlags& flags) {
    flags.workload = kWorkloads;
    flags.clients = 1;
    flags.trace_scale = 2;
  });
  ExpectRefused("names classes", [](SourceFlags& flags) {
    flags.prompt = "a";
    flags.arrivals = "phases:" + kTestdata + "/phases.json";
  });
}

TEST(BenchSource, SaysWhatIsWrongWithAValue) {
  const auto with_workload = [](const std::function<void(SourceFlags&)>& set) {
    return [set](SourceFlags& flags) {
      flags.workload = kWorkloads;
      flags.arrivals = "closed:1";
      set(flags);
    };
  };
  ExpectRefused("tune or held_out", with_workload([](auto& flags) { flags.split = "test"; }));
  ExpectRefused("--mix", with_workload([](auto& flags) { flags.mix = "json=x"; }));
  ExpectRefused("\"poem\"", with_workload([](auto& flags) { flags.mix = "poem"; }));
  ExpectRefused("whole number", with_workload([](auto& flags) { flags.arrivals = "closed:x"; }));
  ExpectRefused("cannot open", with_workload([](auto& flags) { flags.arrivals = "phases:none"; }));
  ExpectRefused("cannot be opened", with_workload([](auto& flags) { flags.workload = "none"; }));
  ExpectRefused("--extra-body", with_workload([](auto& flags) { flags.extra_body = "[1]"; }));
  ExpectRefused("--trace-format: trace format \"vllm\"", with_workload([](auto& flags) {
                  flags.arrivals = "";
                  flags.trace = "x";
                  flags.trace_format = "vllm";
                }));
}

TEST(BenchSource, NamesTheLineOfAPromptFileThatIsWrong) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("bench_source_test_" + std::to_string(::getpid()) + ".jsonl");
  std::ofstream(path) << "{\"prompt\": \"a\"}\n{}\n";
  ExpectRefused(path.string() + ": line 2", [&](SourceFlags& flags) {
    flags.prompts = path.string();
    flags.clients = 1;
  });
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace turbospec::cli
