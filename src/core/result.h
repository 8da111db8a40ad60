// Errors as values: a Result<T> holds a T or an Error whose message tells a user what to do. A
// module that must tell its callers more about a failure names its own error type: Result<T,
// ApiError>. Used by every fallible call of the project; nothing throws across a module. Costs one
// variant. Reading the value of a failed Result is a programming error and ends the process in
// debug builds.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace turbospec {

enum class ErrorCode {
  kInvalidArgument,    // the caller's input can never work
  kNotFound,           // a file or name does not exist
  kUnsupported,        // understood, but this build, model or library cannot do it
  kResourceExhausted,  // queue, memory or context is full; may work later or smaller
  kUnavailable,        // shutting down or not ready
  kCancelled,          // the caller withdrew
  kInternal,           // a fault of ours or of a library
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

inline Error InvalidArgument(std::string m) {
  return {ErrorCode::kInvalidArgument, std::move(m)};
}
inline Error NotFound(std::string m) {
  return {ErrorCode::kNotFound, std::move(m)};
}
inline Error Unsupported(std::string m) {
  return {ErrorCode::kUnsupported, std::move(m)};
}
inline Error ResourceExhausted(std::string m) {
  return {ErrorCode::kResourceExhausted, std::move(m)};
}
inline Error Unavailable(std::string m) {
  return {ErrorCode::kUnavailable, std::move(m)};
}
inline Error Cancelled(std::string m) {
  return {ErrorCode::kCancelled, std::move(m)};
}
inline Error Internal(std::string m) {
  return {ErrorCode::kInternal, std::move(m)};
}

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return Checked(), std::get<0>(state_); }
  const T& value() const& { return Checked(), std::get<0>(state_); }
  T&& value() && { return Checked(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const E& error() const {
    assert(!ok() && "error() of a successful Result");
    return std::get<1>(state_);
  }

 private:
  void Checked() const { assert(ok() && "value() of a failed Result"); }

  std::variant<T, E> state_;
};

// The Result of a call that yields nothing: `return Ok();` or an Error.
using Status = Result<std::monostate>;
inline Status Ok() {
  return Status(std::monostate{});
}

}  // namespace turbospec
