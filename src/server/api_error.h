// What a client is told when its request fails, in the shape of OpenAI's API: an HTTP status and
// {"error": {"message", "type", "param", "code"}}. Plain values and pure functions; any thread.
#pragma once

#include <string>

#include "core/result.h"

namespace turbospec {

struct ApiError {
  int status = 500;     // HTTP status
  std::string message;  // what is wrong and what to do about it
  std::string param;    // the field at fault, "" = none
  std::string code;     // a stable word for programs, "" = none
};

template <class T>
using ApiResult = Result<T, ApiError>;

// 400 that names the field at fault.
ApiError BadField(std::string param, std::string message);

// The answer to an error of the engine, the tokenizer or another part below.
ApiError ToApiError(const Error& error, std::string param = "");

// Seconds after which trying again makes sense; 0 = it does not, by itself.
int RetryAfterSeconds(const ApiError& error);

// {"error": {...}} as text.
std::string RenderError(const ApiError& error);

}  // namespace turbospec
