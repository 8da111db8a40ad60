#!/usr/bin/env bash
# Checks the load client against what measures without it: tokens per second against the server's
# own counter (/metrics before and after, wall time by the shell), and the times to the first text and
# to the end against those of curl for the same request, taking turns.
#
#   bench/check_client.sh                                  # turbospec serve on the embedded pair
#   bench/check_client.sh -- .deps/peers/llama-server -m models/storypair-target-q8_0.gguf \
#     -np 4 -c 2048 --metrics --no-webui --port PORT
#
# The word PORT in the command stands for the port. Exit status: 0 = alike, 1 = they differ by more
# than the tolerance (or something failed), 2 = the server has no /metrics with a token counter.
# Needs a release build and curl.
set -euo pipefail
cd "$(dirname "$0")/.."

port=18190 requests=40 clients=4 tokens=64 rounds=15 tolerance=3
own=build/release/cli/turbospec
usage="usage: $0 [-p port] [-r requests] [-c clients] [-n tokens] [-t rounds of single requests]
  [-e tolerance in per cent] [-- command of a server, with the word PORT]"
while getopts p:r:c:n:t:e:h flag; do
  case $flag in
    p) port=$OPTARG ;; r) requests=$OPTARG ;; c) clients=$OPTARG ;;
    n) tokens=$OPTARG ;; t) rounds=$OPTARG ;; e) tolerance=$OPTARG ;;
    *) echo "$usage"; exit 1 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- "$own" serve --parallel "$clients" --port PORT
command=("${@/#PORT/$port}")
for program in "$own" "${command[0]}"; do
  [ -x "$program" ] || { echo "$program is missing (make build; scripts/setup.sh --peers)" >&2; exit 1; }
done
url=http://127.0.0.1:$port
if curl -s -o /dev/null "$url"; then
  echo "something else listens on port $port; choose another one with -p" >&2; exit 1
fi

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
TURBOSPEC_MODELS=${TURBOSPEC_MODELS:-$PWD/models} "${command[@]}" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 300); do
  curl -sf "$url/health" >/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; echo "the server ended" >&2; exit 1; }
  sleep 0.2
done

# The server's count of output tokens so far: the sum over the labels of the first counter whose
# name says so.
counter() {
  curl -sf "$url/metrics" | awk '
    /^#/ { next }
    { name = $0; sub(/[{ ].*/, "", name) }
    name ~ /(output_tokens_total|generation_tokens_total|tokens_predicted_total)$/ {
      if (chosen == "") chosen = name
      if (name == chosen) { sub(/^[^ {]*({[^}]*})?[ \t]+/, ""); total += $1 }
    }
    END { if (chosen == "") exit 1; printf "%s %.0f\n", chosen, total }'
}
before=$(counter) || {
  echo "$url/metrics has no counter of output tokens (llama-server: start it with --metrics)" >&2
  exit 2
}

# figure NAME FILE: a number of the load client's result for all requests (the outermost, which is
# indented by two blanks).
figure() { sed -n "s/^  \"$1\": \\([0-9.e+-]*\\),*\$/\\1/p" "$2"; }
body="{\"ignore_eos\": true, \"temperature\": 0, \"max_tokens\": $tokens}"
bench() { "$own" bench --url "$url" --quiet --extra-body "$body" "$@"; }

began=$EPOCHREALTIME
bench --workload bench/workloads --mix story=1,code=1 --arrivals "closed:$clients" \
  --requests "$requests" --json "$work/load.json" >/dev/null
ended=$EPOCHREALTIME
after=$(counter)

# One request by curl: its further arguments are what to print or to trace.
prompt="Once upon a time, there was a little girl named Lily."
curl_once() {
  curl -sN -o /dev/null -H 'Content-Type: application/json' \
    -d "${body%\}}, \"prompt\": \"$prompt\", \"stream\": true, \"stream_options\": {\"include_usage\": true}}" \
    "$@" "$url/v1/completions"
}
# Milliseconds from the connection to the first text: curl writes each read with its time; the lines
# of a dump are pieces of what was read, each after "0040: ". From the connection, since for that
# curl takes 1 to 6 ms of its own on loopback, the load client 0.1 ms.
first_text_by_curl() {
  curl_once --trace-time --trace-ascii "$work/trace"
  awk '
    function seconds(stamp,   part) { split(stamp, part, ":"); return part[1] * 3600 + part[2] * 60 + part[3] }
    /^[0-9][0-9]:[0-9][0-9]:[0-9.]+ / {
      at = seconds($1)
      if (/ Connected to /) connected = at
      if (at < connected) at += 86400  # midnight
      receiving = /<= Recv data/; next
    }
    receiving && text == "" { all = all substr($0, 7); if (all ~ /"(text|content)": ?"[^"]/) text = at }
    END { if (text == "") exit 1; printf "%.3f\n", 1e3 * (text - connected) }
  ' "$work/trace"
}
# Likewise to the end of the answer, without the trace: to write it down slows the whole machine.
end_by_curl() { curl_once -w '%{time_connect} %{time_total}' | awk '{ printf "%.3f\n", 1e3 * ($2 - $1) }'; }
one_by_bench() {
  bench --prompt "$prompt" --clients 1 --requests 1 --json "$work/one.json" >/dev/null
  echo "$(figure mean_ttft_ms "$work/one.json") $(figure mean_e2el_ms "$work/one.json")"
}
end_by_curl >/dev/null   # the first ones may find caches empty
one_by_bench >/dev/null
for _ in $(seq "$rounds"); do
  echo "$(one_by_bench) $(first_text_by_curl) $(end_by_curl)"
done >"$work/ones"

awk -v tolerance="$tolerance" -v failed="$(figure failed "$work/load.json")" \
  -v own_tokens="$(figure total_output_tokens "$work/load.json")" \
  -v own_rate="$(figure output_throughput "$work/load.json")" \
  -v name="${after% *}" -v counted=$((${after##* } - ${before##* })) \
  -v wall="$(awk -v a="$began" -v b="$ended" 'BEGIN { printf "%.6f", b - a }')" '
  function median(values, n,   i, j, x) {
    for (i = 2; i <= n; i++) {
      x = values[i]
      for (j = i - 1; j && values[j] > x; j--) values[j + 1] = values[j]
      values[j + 1] = x
    }
    return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
  }
  function compare(what, ours, theirs, difference, slack) {
    printf "%-24s %12.2f %12.2f %+10.2f %+8.2f %%\n", what, ours, theirs, difference,
      theirs ? 100 * difference / theirs : 0
    if (difference < 0) difference = -difference
    if (difference > slack + theirs * tolerance / 100) differs = 1
  }
  {
    ttft[NR] = $1; curl_ttft[NR] = $3; ttft_difference[NR] = $1 - $3
    end[NR] = $2; curl_end[NR] = $4; end_difference[NR] = $2 - $4
  }
  END {
    printf "against %s over %.1f s, and curl in %d turns (medians; of the differences, too)\n", name, wall, NR
    printf "%-24s %12s %12s %10s\n", "", "load client", "without it", "difference"
    compare("output tokens", own_tokens, counted, own_tokens - counted, 0)
    compare("output tokens/s", own_rate, counted / wall, own_rate - counted / wall, 0)
    # A millisecond is what processes and a scheduler may take.
    compare("TTFT ms", median(ttft, NR), median(curl_ttft, NR), median(ttft_difference, NR), 1)
    compare("to the end ms", median(end, NR), median(curl_end, NR), median(end_difference, NR), 1)
    if (failed > 0) print failed " requests of the load client failed"
    if (differs) print "they differ by more than " tolerance " % (and 1 ms, for times)"
    exit differs || failed > 0
  }' "$work/ones"
