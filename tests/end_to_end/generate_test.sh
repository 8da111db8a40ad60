#!/usr/bin/env bash
# usage: generate_test.sh TURBOSPEC MODELS: what `turbospec generate` prints, and how it refuses.
set -u
turbospec=$1 models=$2
. "$(dirname "$0")/expectations.sh"
trap 'rm -rf "$scratch"' EXIT
target=$models/storypair-target-q8_0.gguf draft=$models/storypair-draft-q8_0.gguf
# Not the default, which measures the machine at its first start.
export TURBOSPEC_SPECULATION=fixed:3
prompt="Once upon a time, there was a little girl named Lily."

# refuses PATTERN ARGUMENTS…: fails, and says why.
refuses() {
  local pattern=$1 output status
  shift
  output=$("$turbospec" generate "$@" 2>&1 </dev/null)
  status=$?
  [ "$status" != 0 ] || output="exit status 0: $output"
  expect "generate $*" "$pattern" "$output"
}

plain=$("$turbospec" generate -s off -n 40 "$prompt" 2>/dev/null)
expect "a story goes on" "She|she|mom|Mom" "$plain"
expect "speculation does not change the text" "^same$" \
  "$([ "$plain" = "$("$turbospec" generate -s fixed:4 -n 40 "$prompt" 2>/dev/null)" ] && echo same)"
expect "a seed repeats the text" "^same$" "$(
  seeded() { "$turbospec" generate --temperature 1 --seed 7 -n 30 "$prompt" "$@" 2>/dev/null; }
  [ "$(seeded -s off)" = "$(seeded -s fixed:5)" ] && echo same)"
expect "a grammar holds" "^(yes|no)$" \
  "$("$turbospec" generate --grammar 'root ::= "yes" | "no"' "Is it?" 2>/dev/null)"
expect "a stop string ends the text and is not part of it" '^[^.]*$' \
  "$("$turbospec" generate --stop . -n 60 "$prompt" 2>/dev/null)"
json=$(printf '{"prompt": "Once", "max_tokens": 4}\n{"prompt": "Tom", "max_tokens": 5}\n' |
  "$turbospec" generate --jsonl - --json --parallel 2 2>/dev/null)
expect "one object per prompt" '"index":1.*"output_tokens":5' "$json"
expect "a summary" '"summary":.*"conditional_acceptance_by_position".*"acceptance_length"' "$json"
expect "the environment sets flags" "2 tokens in" \
  "$(TURBOSPEC_MAX_TOKENS=2 "$turbospec" generate "$prompt" 2>&1)"
printf '[generate]\nmax-tokens=3\n' >"$scratch/config.toml"
expect "a config file sets flags" "3 tokens in" \
  "$("$turbospec" --config "$scratch/config.toml" generate "$prompt" 2>&1)"

head -c 1000000 "$target" >"$scratch/cut.gguf"
echo "not a model" >"$scratch/text.gguf"
# The same draft with one letter of one token changed.
LC_ALL=C sed 's/garden/gardem/' "$draft" >"$scratch/other_vocabulary.gguf"
refuses "does not exist" -m "$scratch/none.gguf" hi
refuses "is a directory" -m "$scratch" hi
refuses "is not a GGUF model file" -m "$scratch/text.gguf" hi
refuses "is truncated" -m "$scratch/cut.gguf" hi
refuses 'token [0-9]+: target "▁garden", draft "▁gardem"' \
  -m "$target" -d "$scratch/other_vocabulary.gguf" hi
refuses "--parallel must be from 1" --parallel 0 hi
refuses "not expected: --no-such-flag" --no-such-flag hi
refuses "fixed:K" -s fixed:many hi
refuses "one of: a prompt, --file or --jsonl" -n 3
refuses "the context holds 512" "$(printf 'Lily and Tom %.0s' $(seq 400))"
refuses "not valid UTF-8" "$(printf 'a\xff')"
refuses "temperature" --temperature -1 hi
refuses "grammar: line 1" --grammar 'root ::= (' hi
finish
