#!/usr/bin/env bash
# usage: serve_test.sh TURBOSPEC MODELS: `turbospec serve` from its start to SIGTERM under load.
set -u
turbospec=$1 models=$2
. "$(dirname "$0")/expectations.sh"
export TURBOSPEC_MODELS=$models
"$turbospec" serve --port 0 --parallel 2 --speculation fixed:3 >"$scratch/log" 2>&1 &
server=$!
trap 'kill -9 $server 2>/dev/null; rm -rf "$scratch"' EXIT

url=
for _ in $(seq 300); do
  url=$(grep -oE 'http://127.0.0.1:[0-9]+' "$scratch/log") && break
  kill -0 $server 2>/dev/null || break
  sleep 0.1
done
[ -n "$url" ] || { cat "$scratch/log"; echo "the server did not start"; exit 1; }
post() { curl -sS -m 60 -w '\n%{http_code}' "$url$1" -d "$2"; }

expect "health" '"status":"ok"' "$(curl -sS -m 60 "$url/health")"
expect "models" 'storypair-target' "$(curl -sS -m 60 "$url/v1/models")"
expect "a completion" '"finish_reason":"length".*"completion_tokens":8' \
  "$(post /v1/completions '{"prompt": "Once upon a time", "max_tokens": 8, "temperature": 0}')"
chat='{"messages": [{"role": "user", "content": "Write a story about a fox named Rusty."}],
  "max_tokens": 24, "temperature": 0, "stream": true}'
stream=$(post /v1/chat/completions "$chat")
expect "a stream begins with the role" 'data: .*"role":"assistant"' "$(head -1 <<<"$stream")"
expect "a stream ends" 'data: \[DONE\]' "$stream"
expect "the answer fits the question" 'Rusty' "$(grep -o '"content":"[^"]*"' <<<"$stream" | tr -d '\n')"
# At rest: all that was asked so far has been answered.
metrics=$(curl -sS -m 60 -w '\n%{content_type}' "$url/metrics")
expect "the metrics' format" '^text/plain; version=0.0.4' "$(tail -1 <<<"$metrics")"
expect "types come with the metrics" '^# TYPE turbospec_output_tokens_total counter$' "$metrics"
expect "output tokens of both requests" '^turbospec_output_tokens_total (9|[12][0-9]|3[0-2])$' "$metrics"
expect "both were finished" '^turbospec_requests_total\{outcome="finished"\} 2$' "$metrics"
expect "the draft model was used" '^turbospec_draft_tokens_accepted_total\{proposer="draft_model"\} [1-9]' "$metrics"
expect "answers by route" 'http_requests_total\{.*route="/v1/completions".*\} 1$' "$metrics"
expect "bad JSON" '400$' "$(post /v1/completions '{"prompt": ' | tail -1)"
expect "a prompt too long" 'the context holds' \
  "$(post /v1/completions "{\"prompt\": \"$(printf 'Lily and Tom %.0s' $(seq 400))\"}")"
expect "a port in use" 'is in use' "$("$turbospec" serve --port "${url##*:}" 2>&1)"

# A client that leaves in the middle frees its slot; the server says so by `running`.
long='{"prompt": "Once", "max_tokens": 480, "ignore_eos": true, "stream": true}'
curl -sN -m 60 "$url/v1/completions" -d "$long" 2>/dev/null | head -c 200 >/dev/null
for _ in $(seq 100); do
  health=$(curl -sS -m 60 "$url/health")
  grep -q '"running":0' <<<"$health" && break
  sleep 0.05
done
expect "the slot of a client that left is free" '"running":0' "$health"

# SIGTERM lets running requests end.
for i in 1 2; do
  post /v1/completions '{"prompt": "Once", "max_tokens": 200, "ignore_eos": true}' >"$scratch/$i" &
done
clients=$(jobs -p | grep -v "^$server$")
for _ in $(seq 100); do
  curl -sS -m 60 "$url/health" | grep -q '"running":2' && break
done
kill -TERM $server
wait $clients
wait $server
expect "the server exits cleanly" '^0$' "$?"
for i in 1 2; do expect "request $i was finished" '"completion_tokens":200' "$(cat "$scratch/$i")"; done
finish
