#!/usr/bin/env bash
# usage: compare_program_test.sh COMPARE FAKE_SERVER SOURCE_ROOT: the program as a user runs it, against
# fake servers: interrupted, killed, continued; its reports and what it refuses.
set -u
compare=$1 fake=$2 root=$3
. "$root/tests/end_to_end/expectations.sh"
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
echo weights >model.gguf

# grid SEED: two servers that take 4 ms a token, so that a cell lasts a quarter of a second.
grid() {
  local serve="\"$fake\", \"--port\", \"{port}\", \"--token-ms\", \"4\", \"--seen\", \"$scratch/seen\""
  cat >grid.json <<END
{"turbospec_compare_grid": 1, "name": "Fake servers", "workloads": "$root/bench/workloads", "seed": $1,
 "versions": {"fake": ["$fake", "--version"]},
 "models": [{"name": "pair", "target": "model.gguf", "draft": "model.gguf", "rounds": 3, "max_tokens": 20}],
 "servers": [{"name": "off", "group": "fake", "command": [$serve], "baseline": true},
             {"name": "k2", "group": "fake", "command": [$serve], "static": true}],
 "loads": [{"clients": 1}, {"clients": 2}], "mixes": [{"name": "tale"}]}
END
}
cells() { grep -c '"server"' out/cells.jsonl 2>/dev/null || true; }
servers() { pgrep -cf -- "--seen $scratch/seen" || true; }
# stop_after N SIGNAL: begins a run and stops it when N cells are there; $status is how it ended.
stop_after() {
  "$compare" --grid grid.json --out out >stdout 2>stderr &
  local run=$!
  for _ in $(seq 600); do
    [ "$(cells)" -ge "$1" ] && break
    sleep 0.05
  done
  kill "-$2" $run
  wait $run 2>/dev/null
  status=$?
}

grid 1
expect "nothing to report on yet" 'nothing was measured yet' \
  "$("$compare" --grid grid.json --out out --report-only 2>&1)"
stop_after 2 INT
expect "an interrupted run says so by its status" '^130$' "$status"
expect "and that it can go on" 'the same command goes on' "$(cat stderr)"
expect "its server is gone" '^0$' "$(servers)"

stop_after 4 KILL
for _ in $(seq 100); do
  [ "$(servers)" = 0 ] && break
  sleep 0.05
done
expect "a killed run leaves no server behind" '^0$' "$(servers)"
printf '{"model":"pair","serv' >>out/cells.jsonl

"$compare" --grid grid.json --out out >stdout 2>stderr
expect "the third run ends well" '^0$' "$?"
expect "a cut line is dropped" 'line was cut' "$(cat stderr)"
expect "no cell was measured twice" '^12$' "$(cells)"
keys=$(grep '"server"' out/cells.jsonl | sed -E 's/.*("load":"[^"]*").*("round":[0-9]*).*("server":"[^"]*").*/\1\2\3/')
expect "each is another one" '^12$' "$(sort -u <<<"$keys" | wc -l)"
expect "a table" '^\| `k2` \| ' "$(cat out/report.md)"
expect "the version" '^- fake: fake 1.0$' "$(cat out/report.md)"
expect "the table is printed" '^\| `k2` \| ' "$(cat stdout)"
expect "a page" '</html>' "$(tail -1 out/report.html)"
expect "figures" '"turbospec_compare_summary": 1' "$(cat out/summary.json)"

rm out/report.*
"$compare" --grid grid.json --out out --report-only >stdout 2>stderr
expect "the reports are made again" '^\| `k2` \| ' "$(cat out/report.md)"
expect "without measuring" '^12$' "$(cells)"
grid 2
expect "another grid" 'journal of another grid.*use another --out' \
  "$("$compare" --grid grid.json --out out 2>&1)"
expect "--quick has a grid of its own" 'excludes' "$("$compare" --grid grid.json --quick 2>&1)"
finish
