#include <string>

#include "core/random.h"
#include "cost/cost_profile.h"

namespace turbospec {
namespace {

std::string Differs(const std::string& what, const std::string& measured,
                    const std::string& wanted) {
  return "it was measured with " + what + " " + measured + ", here it is " + wanted;
}

std::string RuleName(BatchRule rule) {
  return rule == BatchRule::kOnePass ? "one stream for all slots (--unified-kv)"
                                     : "one stream per slot";
}

std::optional<std::string> Mismatch(const std::string& what, const ProfiledModel& profile,
                                    const ProfiledModel& wanted) {
  if (profile.fingerprint == wanted.fingerprint) return std::nullopt;
  if (profile.name != wanted.name) return Differs("the " + what, profile.name, wanted.name);
  return "it was measured with another file or other settings of the " + what + " " + wanted.name;
}

std::optional<std::string> MachineMismatch(const ProfileKey& profile, const ProfileKey& wanted) {
  if (profile.processor != wanted.processor) {
    return Differs("the processor", profile.processor, wanted.processor);
  }
  if (profile.cores != wanted.cores) {
    return Differs("a number of cores of", std::to_string(profile.cores),
                   std::to_string(wanted.cores));
  }
  if (profile.device != wanted.device) {
    return Differs("the device", profile.device, wanted.device);
  }
  if (profile.threads != wanted.threads) {
    return Differs("a number of threads of", std::to_string(profile.threads),
                   std::to_string(wanted.threads));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Mismatch(const ProfileKey& profile, const ProfileKey& wanted) {
  if (auto target = Mismatch("target model", profile.target, wanted.target)) return target;
  if (wanted.draft && !profile.draft) {
    return "it was measured without a draft model, here it is " + wanted.draft->name;
  }
  if (wanted.draft) {
    if (auto draft = Mismatch("draft model", *profile.draft, *wanted.draft)) return draft;
  }
  if (auto machine = MachineMismatch(profile, wanted)) return machine;
  if (profile.batch_rule != wanted.batch_rule) {
    return Differs("a KV memory of", RuleName(profile.batch_rule), RuleName(wanted.batch_rule));
  }
  if (profile.kv_type != wanted.kv_type) {
    return Differs("the KV type", profile.kv_type, wanted.kv_type);
  }
  if (profile.llama_version != wanted.llama_version) {
    return Differs("the library", profile.llama_version, wanted.llama_version);
  }
  if (profile.slots < wanted.slots) {
    return "it was measured with " + std::to_string(profile.slots) + " slots, here it is " +
           std::to_string(wanted.slots);
  }
  return std::nullopt;
}

std::string CacheName(const ProfileKey& key) {
  std::uint64_t hash = 0;
  const auto number = [&](std::uint64_t value) { hash = MixBits(hash ^ MixBits(value)); };
  const auto text = [&](const std::string& value) {
    for (const char c : value) number(static_cast<unsigned char>(c));
    number(value.size() + 256);
  };
  number(key.target.fingerprint);
  number(key.draft ? key.draft->fingerprint : 0);
  for (const std::string& part : {key.processor, key.device, key.kv_type, key.llama_version})
    text(part);
  number(static_cast<std::uint64_t>(key.cores));
  number(static_cast<std::uint64_t>(key.threads));
  number(static_cast<std::uint64_t>(key.batch_rule));
  constexpr char kDigits[] = "0123456789abcdef";
  std::string name;
  for (int shift = 60; shift >= 0; shift -= 4) name += kDigits[(hash >> shift) & 15];
  return name;
}

}  // namespace turbospec
