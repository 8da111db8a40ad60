#!/usr/bin/env bash
# usage: decisions_log_test.sh TURBOSPEC MODELS: a run is logged, explained and replayed.
set -u
turbospec=$1 models=$2
. "$(dirname "$0")/expectations.sh"
trap 'rm -rf "$scratch"' EXIT
export TURBOSPEC_MODELS=$models
log=$scratch/run.jsonl

# run SPECULATION LOG: three stories at once.
run() {
  printf '{"prompt": "Once upon a time", "max_tokens": %d}\n' 20 25 30 |
    "$turbospec" generate -s "$1" --jsonl - --parallel 3 --decisions "$2" 2>&1 >/dev/null
}

run fixed:3 "$log" >/dev/null
expect "the log begins with what made it" \
  '^\{"turbospec_decisions":5,"controller":"fixed:3","target":"storypair-target.*"started":"20' \
  "$(head -1 "$log")"
summary=$("$turbospec" explain "$log" 2>&1)
# The first token of each prompt comes from its prompt's pass, not from a verification.
expect "explain counts every token that was verified" '^72 tokens committed' "$summary"
expect "explain knows who proposed" '^draft: [0-9]+ tokens proposed' "$summary"
expect "a step" 'step 1: 3 requests decode' "$("$turbospec" explain "$log" --step 1)"
expect "a step as JSON" '"proposed_by": "draft"' "$("$turbospec" explain "$log" --step 1 --json)"
expect "the last steps only" '^2 steps in' "$("$turbospec" explain "$log" --last 2)"
expect "a step that is not there" 'has no step 9999' \
  "$("$turbospec" explain "$log" --step 9999 2>&1)"
steps=$("$turbospec" explain "$log" --json | grep -oE '"(unplanned_)?steps": [0-9]+' | grep -oE '[0-9]+' |
  { read -r all; read -r unplanned; echo $((all - unplanned)); })
expect "a replay of the same controller is the run itself" "^identical: $steps of $steps steps" \
  "$("$turbospec" replay "$log")"
expect "another controller differs" '^identical: [0-2] of' "$("$turbospec" replay "$log" --controller off)"
expect "and says what its price is worth" 'of the shapes were measured' \
  "$("$turbospec" replay "$log" --controller off)"
expect "a line per step" '^ +1 +3 +9 +6 ' "$("$turbospec" replay "$log" --controller fixed:2 --each)"
expect "an unknown controller" 'unknown controller' \
  "$("$turbospec" replay "$log" --controller magic 2>&1)"

# A controller that learns and weighs prices, with the prices of the run.
profile=$scratch/profile.json
"$turbospec" profile --parallel 3 --seconds 4 --out "$profile" >/dev/null 2>&1
priced() {
  printf '{"prompt": "Once upon a time", "max_tokens": %d}\n' 40 60 80 |
    "$turbospec" generate -s "$1" --profile "$profile" --jsonl - --parallel 3 --decisions "$2" \
      >/dev/null 2>&1
}
for controller in auto paper budget:4; do
  priced "$controller" "$scratch/priced.jsonl"
  expect "$controller is reproduced decision for decision" '^identical: ([0-9]+) of \1 steps' \
    "$("$turbospec" replay "$scratch/priced.jsonl" --profile "$profile" 2>&1)"
done
expect "without prices it is asked for them" 'weighs prices: give the profile' \
  "$("$turbospec" replay "$scratch/priced.jsonl" 2>&1)"
priced auto "$scratch/auto.jsonl"
expect "auto says why" '^forecast error' "$("$turbospec" explain "$scratch/auto.jsonl")"
expect "and what it weighed" '^\* chosen' "$("$turbospec" explain "$scratch/auto.jsonl" --step 5)"

run off "$scratch/off.jsonl" >/dev/null
expect "off is reproduced, too" '^identical: ([0-9]+) of \1 steps' \
  "$("$turbospec" replay "$scratch/off.jsonl")"

head -c -40 "$log" >"$scratch/cut.jsonl"
expect "a cut log is read up to the cut" 'line [0-9]+ is cut; [0-9]+ steps read' \
  "$("$turbospec" explain "$scratch/cut.jsonl" 2>&1)"
sed '3s/"step"/"stop"/' "$log" >"$scratch/bad.jsonl"
expect "a bad line is named" 'bad.jsonl:3: "stop" is not a field' \
  "$("$turbospec" explain "$scratch/bad.jsonl" 2>&1)"
expect "not a log" 'this is not a decision log' "$("$turbospec" explain "$0" 2>&1)"
expect "no file" 'cannot read' "$("$turbospec" replay "$scratch/none" 2>&1)"
expect "a folder" 'cannot be read' "$("$turbospec" explain "$scratch" 2>&1)"
expect "a log that cannot be made" "--decisions: cannot create" \
  "$("$turbospec" generate -s off --decisions "$scratch/no/log" -n 2 hi 2>&1)"
if [ -w /dev/full ]; then
  full=$(run fixed:3 /dev/full)
  expect "a full disk is said" 'No space left on device; logging ends' "$full"
  expect "and does not stop the run" '75 tokens in' "$full"
fi
finish
