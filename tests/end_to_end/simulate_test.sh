#!/usr/bin/env bash
# usage: simulate_test.sh TURBOSPEC MODELS: `turbospec simulate`, its scenarios, suites and refusals.
set -u
turbospec=$1
. "$(dirname "$0")/expectations.sh"
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/scenario.json" <<'JSON'
{"turbospec_scenario": 1, "name": "small", "slots": 4, "steps": 600,
 "target": {"surface": "linear"}, "classes": [{"acceptance": 0.8}]}
JSON
simulate() { "$turbospec" simulate "$@" 2>&1 </dev/null; }

expect "a built-in scenario" "off +[0-9.]+ +1.000" "$(simulate --controller off)"
compared=$(simulate --scenario "$scratch/scenario.json" --controller fixed:2 --hindsight \
  --json "$scratch/result.json" --html "$scratch/result.html")
expect "the best length in hindsight" "best static fixed:draft=[0-9]; bound .* by clairvoyant" "$compared"
expect "regret" "regret of fixed:2 against the best static" "$compared"
expect "JSON" '"turbospec_simulation": 1' "$(cat "$scratch/result.json")"
expect "a page that needs no network" "^0$" "$(grep -cE 'src=|href=' "$scratch/result.html")"
expect "the page has plots" "<polyline" "$(cat "$scratch/result.html")"
expect "the same every time" "^same$" "$(
  [ "$compared" = "$(simulate --scenario "$scratch/scenario.json" --controller fixed:2 --hindsight)" ] &&
    echo same)"
expect "a sweep" "^ +2 +0\.1 .* 1\.[2-9]" \
  "$(simulate --what-if slots=2:4,draft=0:0.1 --controller fixed:3)"

simulate --suite robust --controller off --points 3 --quick >"$scratch/suite.txt"
expect "a suite that is passed" "^0 suite=robust mean=1.0000 min=1.0000 points=3 missed=0" \
  "$? $(tail -n 1 "$scratch/suite.txt")"
simulate --suite constant --controller fixed:8 --points 2 --quick >"$scratch/suite.txt"
expect "a suite that is missed" "^1 suite=constant .*missed=[1-9]" \
  "$? $(tail -n 1 "$scratch/suite.txt")"

# refuses PATTERN ARGUMENTS...: fails, and says why.
refuses() {
  local pattern=$1 output status
  shift
  output=$(simulate "$@")
  status=$?
  [ "$status" != 0 ] || output="exit status 0: $output"
  expect "simulate $*" "$pattern" "$output"
}
echo '{"turbospec_scenario": 1, "slotz": 3}' >"$scratch/wrong.json"
refuses 'wrong.json: unknown field "slotz"' --scenario "$scratch/wrong.json"
refuses "cannot read the scenario" --scenario "$scratch/none.json"
refuses "unknown controller" --controller sometimes
refuses "there are constant, mixed, phases, robust and recover" --suite slow
refuses '"colour" is not an axis' --what-if colour=3
finish
