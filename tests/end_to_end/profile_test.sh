#!/usr/bin/env bash
# usage: profile_test.sh TURBOSPEC MODELS: `turbospec profile`, its file, and who refuses it.
set -u
turbospec=$1 models=$2
. "$(dirname "$0")/expectations.sh"
trap 'rm -rf "$scratch"' EXIT
export TURBOSPEC_MODELS=$models XDG_CACHE_HOME=$scratch/cache

measured=$("$turbospec" profile --seconds 4 --svg "$scratch/plot.svg" 2>"$scratch/said")
expect "it exits cleanly" '^0$' "$?"
expect "it says where the profile is" 'measured in .* kept in .*/turbospec/profiles/[0-9a-f]{16}\.json' \
  "$(cat "$scratch/said")"
expect "a table of the target" 'target storypair-target' "$measured"
expect "and of the draft" 'draft storypair-draft' "$measured"
expect "the error of surface and line" 'error on .* surface .*, paper.s line' "$measured"
expect "a plot" '^</svg>$' "$(tail -1 "$scratch/plot.svg")"
# of_cache MARK: the one file there that says so of its draft.
of_cache() { grep -l "\"draft\": $1" "$scratch"/cache/turbospec/profiles/*.json; }
profile=$(of_cache '{')
expect "the file states its format" '"turbospec_profile": 2' "$(cat "$profile")"
expect "the target's half is kept for runs without a draft" '\.json$' "$(of_cache null)"
expect "nothing else is left in the cache" '^2$' "$(find "$scratch/cache" -type f | wc -l)"
expect "a profile can be shown again" '^same$' \
  "$([ "$("$turbospec" profile --show "$profile")" = "$measured" ] && echo same)"

"$turbospec" profile -p 2 -d none --seconds 1 --out "$scratch/alone.json" >/dev/null 2>&1
expect "another place for the file" '"draft": null' "$(cat "$scratch/alone.json")"

# generates PATTERN ARGUMENTS…: what `generate` says or does with a profile.
generates() {
  local pattern=$1
  shift
  expect "generate $*" "$pattern" "$("$turbospec" generate -n 3 "$@" hi 2>&1 </dev/null)"
}
generates '3 tokens in' --profile "$profile"
generates '3 tokens in' --profile "$profile" -p 2
generates 'does not fit: .* 4 slots, here it is 8' --profile "$profile" -p 8
generates 'does not fit: .* threads .*turbospec profile --out' --profile "$profile" -t 1
generates 'does not fit: .* KV type f16, here it is f32|other settings' --profile "$profile" --kv-type f32
generates 'does not fit: .* without a draft model' --profile "$scratch/alone.json" -p 2
generates '3 tokens in' --profile "$scratch/alone.json" -p 2 -d none
generates 'cannot be read; measure one with' --profile "$scratch/nowhere.json"
head -c 2000 "$profile" >"$scratch/cut.json"
generates 'cut off' --profile "$scratch/cut.json"
sed 's/"turbospec_profile": 2/"turbospec_profile": 9/' "$profile" >"$scratch/newer.json"
generates 'version 9, this program reads version 2' --profile "$scratch/newer.json"
generates '3 tokens in' --profile off

# priced PATTERN ARGUMENTS…: the same under a controller that weighs costs; says if it measures.
priced() {
  local pattern=$1 said
  shift
  said=$("$turbospec" generate -n 3 "$@" hi 2>&1 </dev/null)
  grep -q measuring <<<"$said" && said="measured, $said"
  expect "generate $*" "$pattern" "$(tr '\n' ' ' <<<"$said")"
}
priced '^[^,]*3 tokens in'
priced '^[^,]*3 tokens in' -s budget:4 -p 2
priced '^[^,]*3 tokens in' -s paper --profile "$profile"
priced '^measured, .*3 tokens in' -s auto --profile off -p 8
priced '^[^,]*3 tokens in' -s auto -d none
expect "a coarse measurement is not kept" '^2$' "$(find "$scratch/cache" -type f | wc -l)"

refused=$("$turbospec" profile --show "$profile" --out "$scratch/x.json" 2>&1) && refused="exit status 0"
expect "--show and --out exclude each other" 'measures nothing' "$refused"
refused=$("$turbospec" profile --seconds 1 --out /dev/null/x.json 2>&1) && refused="exit status 0"
expect "a place that cannot be written" 'cannot be written' "$refused"
refused=$("$turbospec" profile --seconds -1 2>&1) && refused="exit status 0"
expect "a time that makes no sense" 'seconds' "$refused"
finish
