// Turns the bytes of committed tokens into deliverable text: whole UTF-8 characters, and nothing
// that may turn out to be the beginning of a stop string. One per request; engine thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/utf8.h"

namespace turbospec {

class OutputText {
 public:
  // Stop strings must not be empty.
  explicit OutputText(std::vector<std::string> stop) : stop_(std::move(stop)) {}

  // Takes the bytes of one token and appends to `out` what is safe to show. True when a stop string
  // is complete: the text before it has been released, the rest is dropped, nothing may follow.
  bool Append(std::string_view piece, std::string& out);

  // The output ended without a stop string: releases what was held back.
  void Finish(std::string& out);

  // The stop string that ended the text; empty if none did.
  const std::string& matched() const { return matched_; }

 private:
  bool CutAtStop(std::string& out);
  std::size_t PossibleStopTail() const;

  std::vector<std::string> stop_;
  Utf8Stream utf8_;
  std::string held_;  // whole characters, not yet released
  std::string matched_;
};

}  // namespace turbospec
