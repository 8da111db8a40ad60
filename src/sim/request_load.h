// Which request comes when in a simulation: a scenario's arrivals played against virtual time, each
// with its class, lengths and text entered into the book. The n-th request of a scenario is the
// same whatever the controller; only closed loops let answers move its arrival. One thread.
#pragma once

#include <optional>
#include <vector>

#include "core/result.h"
#include "sim/request_book.h"
#include "sim/scenario.h"
#include "workload/arrival_stream.h"

namespace turbospec {

class RequestLoad {
 public:
  // Reads the arrivals' and workload's files, if any. `book` outlives the load.
  static Result<RequestLoad> Create(const Scenario& scenario, RequestBook& book);

  struct Due {
    Seconds at{0};
    std::size_t request = 0;  // in the book
  };
  // As ArrivalStream: empty = nothing comes until an answer does, or ever.
  std::optional<Seconds> NextTime() const { return stream_.NextTime(); }
  Due Take();
  void Completed(std::size_t request, Seconds at);
  bool Ended() const { return stream_.Ended(); }

 private:
  // What an item of the workload asks, in tokens; 0 = drawn from its class.
  struct Item {
    std::size_t class_index = 0;
    int prompt_tokens = 0;
    int output_tokens = 0;
  };

  RequestLoad(const Scenario& scenario, RequestBook& book, ArrivalStream stream,
              std::vector<Item> items);
  static Result<std::vector<Item>> ReadItems(const Scenario& scenario, const Workload& workload);

  std::size_t MostMissingClass() const;

  std::vector<RequestClass> classes_;
  std::vector<int> in_flight_;  // by class
  bool balanced_;
  std::uint64_t seed_;
  RequestBook* book_;
  ArrivalStream stream_;
  std::vector<Item> items_;
};

}  // namespace turbospec
