#!/usr/bin/env bash
# Speed of `turbospec serve` without speculation against `llama-server` on the same model, threads
# and parallelism: both run at once, one idle, and take turns in answering the same requests.
# Timed: the wall time of REQUESTS completions kept at PARALLEL in flight by one curl process.
# Needs: `scripts/setup.sh --peers` (llama-server), a release build, curl.
set -euo pipefail
cd "$(dirname "$0")/.."

parallel=8 rounds=7 tokens=128 threads=$(nproc) model=models/storypair-target-q8_0.gguf
peer=${TURBOSPEC_PEERS:-.deps/peers}/llama-server
own=build/release/cli/turbospec
usage="usage: $0 [-p parallel] [-r rounds] [-n tokens] [-t threads] [-m model.gguf]"
while getopts p:r:n:t:m:h flag; do
  case $flag in
    p) parallel=$OPTARG ;; r) rounds=$OPTARG ;; n) tokens=$OPTARG ;;
    t) threads=$OPTARG ;; m) model=$OPTARG ;; *) echo "$usage"; exit 2 ;;
  esac
done
for program in "$peer" "$own"; do
  [ -x "$program" ] || { echo "$program is missing (scripts/setup.sh --peers; make build)" >&2; exit 1; }
done
model=$(realpath "$model")

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

context=512
"$peer" -m "$model" -np "$parallel" -c $((parallel * context)) -t "$threads" --no-webui \
  --port 18180 >"$work/peer.log" 2>&1 &
pids+=($!)
"$own" serve -m "$model" -d none --no-lookup -s off -p "$parallel" -c "$context" -t "$threads" \
  --port 18181 >"$work/own.log" 2>&1 &
pids+=($!)
for port in 18180 18181; do
  for _ in $(seq 300); do
    curl -sf "http://127.0.0.1:$port/health" >/dev/null && continue 2
    sleep 0.2
  done
  echo "the server on port $port did not start:" >&2; tail -5 "$work"/*.log >&2; exit 1
done

requests=$((3 * parallel))
prompts=("Once upon a time, there was a little girl named Lily." "Tom and his sister were playing when"
  "One day, a small bird saw a big red ball." "There was once a king who had three sons.")
for port in 18180 18181; do
  for i in $(seq "$requests"); do
    [ "$i" = 1 ] || echo next
    printf 'url = "http://127.0.0.1:%s/v1/completions"\nheader = "Content-Type: application/json"\n' "$port"
    printf 'data = "{\\"prompt\\": \\"%s\\", \\"max_tokens\\": %s, \\"temperature\\": 0, \\"ignore_eos\\": true}"\n' \
      "${prompts[$((i % ${#prompts[@]}))]}" "$tokens"
    printf 'output = "%s/%s.%s"\n' "$work" "$port" "$i"
  done >"$work/$port.curl"
done

# Prints tokens per second of one round against one server.
round() {
  local start end produced
  rm -f "$work/$1".[0-9]*
  start=$(date +%s%N)
  curl -sS -Z --parallel-immediate --parallel-max "$parallel" -K "$work/$1.curl" 2>"$work/curl.log" >/dev/null
  end=$(date +%s%N)
  produced=$(cat "$work/$1".[0-9]* | grep -o '"completion_tokens": *[0-9]*' | grep -o '[0-9]*$' |
    awk '{s += $1} END {print s + 0}')
  [ "$produced" = $((requests * tokens)) ] ||
    { echo "port $1 produced $produced tokens, not $((requests * tokens))" >&2; exit 1; }
  awk -v t="$produced" -v ns=$((end - start)) 'BEGIN {printf "%.1f\n", t / ns * 1e9}'
}

round 18180 >/dev/null; round 18181 >/dev/null
for _ in $(seq "$rounds"); do echo "$(round 18180) $(round 18181)"; done >"$work/rounds"
awk -v p="$parallel" '
  function median(a, n,   i, j, x) {
    for (i = 2; i <= n; i++) { x = a[i]; for (j = i - 1; j && a[j] > x; j--) a[j + 1] = a[j]; a[j + 1] = x }
    return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
  }
  { peer[NR] = $1; own[NR] = $2; ratio[NR] = $2 / $1 }
  END {
    m = median(ratio, NR)
    printf "parallel %d: llama-server %.0f tokens/s, turbospec %.0f tokens/s, ratio %.2f (%.2f-%.2f)\n",
      p, median(peer, NR), median(own, NR), m, ratio[1], ratio[NR]
  }' "$work/rounds"
