#include "bench/request_record.h"

namespace turbospec {

std::string ErrorKind(const RequestRecord& record) {
  switch (record.outcome) {
    case Outcome::kCompleted:
      return "";
    case Outcome::kConnectFailed:
      return "connect";
    case Outcome::kTimedOut:
      return "timeout";
    case Outcome::kHttpError:
      return "http_" + std::to_string(record.http_status);
    case Outcome::kStreamError:
      return "stream_error";
    case Outcome::kClosedEarly:
      return "closed_early";
    case Outcome::kBadResponse:
      return "bad_response";
    case Outcome::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

}  // namespace turbospec
