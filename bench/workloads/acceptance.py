#!/usr/bin/env python3
"""Asks a running TurboSpec server a few prompts of each class, greedily, one at a time, and prints
how many tokens a step commits and which part of the verified draft tokens was accepted.

    python3 bench/workloads/acceptance.py http://127.0.0.1:8080 [PROMPTS_PER_CLASS]
"""

import json
import pathlib
import sys
import urllib.request


def ask(server, item):
    """The server's counts for one item."""
    chat = "messages" in item
    body = {key: item[key] for key in ("prompt", "messages", "max_tokens") if key in item}
    request = urllib.request.Request(
        f"{server}/v1/{'chat/completions' if chat else 'completions'}",
        json.dumps({"model": "any", "temperature": 0, **body}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    return {**answer["timings"], "tokens": answer["usage"]["completion_tokens"]}


def main():
    server, count = sys.argv[1].rstrip("/"), int((sys.argv[2:] or [12])[0])
    print(f"{'class':14} {'tokens':>6} {'a step':>6} {'accepted':>8}")
    for path in sorted(pathlib.Path(__file__).parent.glob("*.jsonl")):
        items = [json.loads(line) for line in path.read_text().splitlines()[1:]]
        tune = [item for item in items if item["split"] == "tune"]
        chosen = tune[:: max(1, len(tune) // count)][:count]
        counts = [ask(server, item) for item in chosen]
        tokens, steps, verified, accepted = (
            sum(one[name] for one in counts) for name in ("tokens", "steps", "verified", "accepted")
        )
        # The first token of an answer comes from the prompt's pass, not from a step.
        a_step = (tokens - len(chosen)) / max(1, steps)
        print(f"{path.stem:14} {tokens:6} {a_step:6.2f} {accepted / max(1, verified):8.3f}")


if __name__ == "__main__":
    main()
