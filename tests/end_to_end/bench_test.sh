#!/usr/bin/env bash
# usage: bench_test.sh TURBOSPEC MODELS: `turbospec bench` against `turbospec serve`: workloads,
# phases, traces and prompt files, what it reports, and how it refuses.
set -u
turbospec=$1 models=$2
here=$(dirname "$0")
. "$here/expectations.sh"
export TURBOSPEC_MODELS=$models
workloads=$here/../../bench/workloads traces=$here/../../src/workload/testdata
"$turbospec" serve --port 0 --parallel 4 --speculation fixed:3 >"$scratch/log" 2>&1 &
server=$!
trap 'kill -9 $server 2>/dev/null; rm -rf "$scratch"' EXIT

url=
for _ in $(seq 300); do
  url=$(grep -oE 'http://127.0.0.1:[0-9]+' "$scratch/log") && break
  kill -0 $server 2>/dev/null || break
  sleep 0.1
done
[ -n "$url" ] || { cat "$scratch/log"; echo "the server did not start"; exit 1; }

# bench ARGUMENTS…: the JSON report, without line feeds and blanks.
bench() { "$turbospec" bench --url "$url" "$@" --json - 2>&1 </dev/null | tr -d ' \n'; }
# field NAME JSON: the first number of that name.
field() { grep -oE "\"$1\":[0-9.e+-]+" <<<"$2" | head -1 | cut -d: -f2; }
# refuses PATTERN ARGUMENTS…: fails before it sends anything, and says why.
refuses() {
  local pattern=$1 output status
  shift
  output=$("$turbospec" bench --url "$url" "$@" 2>&1 </dev/null)
  status=$?
  [ "$status" != 0 ] || output="exit status 0: $output"
  expect "bench $*" "$pattern" "$output"
}

# ignore_eos makes every answer as long as its limit, so that tokens can be counted.
fixed='{"ignore_eos": true, "temperature": 0}'
json=$(bench --workload "$workloads" --mix json=1,story=1 --split held_out --arrivals closed:3 \
  --requests 8 --warmup 2 --max-tokens 6 --extra-body "$fixed" --per-request)
expect "requests of a mix are all answered" '"completed":8,' "$json"
expect "all tokens are counted" '^48$' "$(field total_output_tokens "$(sed 's/"classes".*"client/"client/' <<<"$json")")"
expect "the warm-up is not" '"warmup_requests":2' "$json"
expect "never more than the clients at once" '"max_concurrent_requests":3' "$json"
expect "figures by class" '"classes":\{"json":\{.*"story":\{' "$json"
expect "the setup tells the mix" '"mix":"json=1,story=1"' "$json"
expect "the setup tells the split" '"split":"held_out"' "$json"
again=$(bench --workload "$workloads" --mix json=1,story=1 --split held_out --arrivals closed:3 \
  --requests 8 --warmup 2 --max-tokens 6 --extra-body "$fixed")
expect "a seed repeats the prompts" "^$(field total_input_tokens "$json")$" \
  "$(field total_input_tokens "$again")"

cat >"$scratch/phases.json" <<'END'
{"turbospec_phases": 1, "phases": [
  {"duration": 1, "clients": 2, "mix": "json"},
  {"duration": 1, "rate": 12, "mix": "question"}]}
END
json=$(bench --workload "$workloads" --arrivals "phases:$scratch/phases.json" --max-tokens 3 \
  --per-request --html "$scratch/page.html")
expect "phases end by themselves, without an error" '"failed":0,' "$json"
expect "the first phase asks its mix" '"class":"json"[^}]*"scheduled":0\.' "$json"
expect "the second one asks its own" '"class":"question"[^}]*"scheduled":1\.' "$json"
expect "and neither asks the other's" '^none$' \
  "$(grep -oE '"class":"json"[^}]*"scheduled":1\.|"class":"question"[^}]*"scheduled":0\.' <<<"$json" || echo none)"
expect "the page has the classes" '"classes":\{"json"' "$(cat "$scratch/page.html")"

json=$(bench --workload "$workloads/code.jsonl" --trace "azure:$traces/azure_2023.csv" \
  --trace-scale 0.05 --trace-limit 4 --trace-max-prompt 60 --trace-max-output 7 \
  --extra-body "$fixed" --per-request)
expect "a trace is replayed" '"completed":4,' "$json"
expect "with its lengths, as far as they may go" '^28$' "$(field total_output_tokens "$json")"
# The second comes 4.3145790 s after the first, times 0.05.
expect "at its times" '"scheduled":0\.2157' "$json"

printf '{"prompt": "Once", "max_tokens": 2, "ignore_eos": true}\n{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2, "ignore_eos": true}\n' >"$scratch/prompts.jsonl"
json=$(bench --prompts "$scratch/prompts.jsonl" --rate 50 --requests 6)
expect "a prompt file is played in an open loop" '"completed":6,' "$json"
expect "each line with its own fields" '"total_output_tokens":12,' "$json"
expect "a prompt is asked again and again" '"completed":3,' \
  "$(bench --prompt Once --clients 1 --requests 3 --max-tokens 2)"
table=$("$turbospec" bench --url "$url" --workload "$workloads" --mix json=1,code=1 --clients 2 \
  --requests 8 --max-tokens 2 </dev/null)
expect "a line per class" '^  code +[0-9]+ +0 ' "$table"

refuses "nothing to ask: give --workload" --clients 2
refuses "say when requests come: --clients" --workload "$workloads"
refuses "only one of --clients, --rate, --arrivals" --prompt a --clients 2 --rate 3
refuses "only one of --workload, --prompts and --prompt" --prompt a --workload "$workloads" --clients 1
refuses 'no item of class "poem".*there are code' --workload "$workloads" --mix poem --clients 1
refuses "tune or held_out" --workload "$workloads" --split all --clients 1
refuses "no-such-folder: cannot be opened" --workload "$scratch/no-such-folder" --clients 1
refuses "prompts.jsonl:1: .*turbospec_workload" --workload "$scratch/prompts.jsonl" --clients 1
refuses "write azure:FILE" --workload "$workloads" --trace "$traces/azure_2023.csv"
refuses "give --workload beside --trace" --prompt a --trace "azure:$traces/azure_2023.csv"
refuses "mooncake.jsonl:1: " --workload "$workloads" --trace "azure:$traces/mooncake.jsonl"
refuses 'arrivals "closed:none".*whole number' --prompt a --arrivals closed:none
refuses "names classes: give --workload" --prompt a --arrivals "phases:$scratch/phases.json"
refuses "give --trace, or leave them out" --prompt a --clients 1 --trace-scale 2
finish
