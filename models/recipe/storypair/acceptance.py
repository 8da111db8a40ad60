"""Measures how often the draft predicts the target's own held-out output, per class of prompt.

The target writes greedily; at every position the draft's best token is compared with the target's.
Then it writes at temperature 0.8, where the chance that a draft token is accepted is
sum(min(p, q)). `tokens per target pass` simulates chains of k drafted tokens: accepted + 1.
"""

import argparse
import json
import pathlib

import torch

from .decoding import generate
from .engines import make_engine
from .network import Weights
from .self_text import ANSWER
from .tokenizer import BOS, Tokenizer

TEMPERATURE = 0.8
CLASSES = [  # (how the request begins or, with *, what its first line contains; label), in order
    ("*in this code", "rename in code"),
    ("*of this code", "rename in code"),
    ("List the names", "names as JSON"),
    ("*JSON", "JSON edit/convert"),
    ("Write a s", "write story"),
    ("Tell me", "write story"),
    ("Write a P", "write code"),
    ("Repeat", "repeat/copy text"),
    ("Copy this", "repeat/copy text"),
    ("Say", "repeat/copy text"),
    ("Copy the", "copy sentences"),
    ("Replace", "replace in text"),
    ("Change", "replace in text"),
    ("Continue", "continue story"),
    ("Read", "question on text"),
]
OPENINGS = [
    ("val_tiny", "plain: TinyStories opening", 10),
    ("val_synth", "plain: own-grammar opening", 10),
    ("val_tale", "plain: fairy-tale opening", 40),
]


def label_of(request):
    first_line = request.removeprefix("<|user|>\n").split("\n")[0]
    for pattern, label in CLASSES:
        if pattern[1:] in first_line if pattern[0] == "*" else first_line.startswith(pattern):
            return label
    return None


def held_out_prompts(corpus, tokenizer, per_class, longest):
    """Label -> prompts."""
    load = lambda name: json.loads((corpus / f"{name}.json").read_text())
    prompts = {}

    def add(label, ids):
        if label and len(ids) < longest and len(prompts.setdefault(label, [])) < per_class:
            prompts[label].append(ids)

    for document in load("val_task"):
        request = document[: document.index(ANSWER) + len(ANSWER)]
        add(label_of(request), [BOS] + tokenizer.encode(request))
    for part, label, length in OPENINGS:
        for document in load(part):
            add(label, ([BOS] + tokenizer.encode(document))[:length])
    return prompts


def count_passes(hits, depth):
    """Target passes for one text: hits [1, 1, 0, 1] at depth 4 commit 3 and 1 tokens -> 2."""
    position = passes = 0
    while position < len(hits):
        run = 0
        while run < depth and position + run < len(hits) and hits[position + run]:
            run += 1
        position += run + 1
        passes += 1
    return passes


def distributions(engine, sequences, temperature):
    """For each sequence the probabilities [length, vocabulary] that follow each position."""
    context, found = engine.weights.shape.context, []
    for first in range(0, len(sequences), 8):
        part = sequences[first : first + 8]
        rows = torch.zeros(len(part), context, dtype=torch.int32)
        for row, sequence in zip(rows, part):
            row[: len(sequence)] = torch.tensor(sequence, dtype=torch.int32)
        probabilities = engine.probabilities(rows).float().pow(1 / temperature)
        probabilities /= probabilities.sum(-1, keepdim=True)
        found += [p[: len(sequence)] for p, sequence in zip(probabilities, part)]
    return found


def measure(target, draft, prompts, longest, seed):
    """Of one class: a list of hits for each greedy text, and the overlaps of all sampled tokens."""
    greedy = generate(target.weights, prompts, longest, [0.0] * len(prompts), seed)
    hits = []
    for prompt, sequence, q in zip(prompts, greedy, distributions(draft, greedy, 1.0)):
        guesses = q.argmax(-1).tolist()
        hits.append([guesses[i - 1] == sequence[i] for i in range(len(prompt), len(sequence))])
    sampled = generate(target.weights, prompts, longest, [TEMPERATURE] * len(prompts), seed)
    overlaps = []
    for prompt, p, q in zip(
        prompts,
        distributions(target, sampled, TEMPERATURE),
        distributions(draft, sampled, TEMPERATURE),
    ):
        overlaps += torch.minimum(p, q).sum(-1)[len(prompt) - 1 : -1].tolist()
    return hits, overlaps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", required=True)
    parser.add_argument("--kernel", help="the AMX library; without it PyTorch float32 is used")
    parser.add_argument("--per-class", type=int, default=24)
    parser.add_argument("--longest", type=int, default=220)
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    target, draft = (
        make_engine(Weights.load(work / f"{name}.pt"), options.kernel)
        for name in ("target", "draft")
    )
    prompts = held_out_prompts(
        work / "corpus",
        Tokenizer(work / "tokenizer.model"),
        options.per_class,
        target.weights.shape.context * 2 // 3,
    )
    lines = [
        "| prompt class | tokens | greedy acceptance | tokens per target pass k=4 / k=8 "
        "| T=0.8 acceptance |",
        "| --- | --- | --- | --- | --- |",
    ]
    for label, group in prompts.items():
        hits, overlaps = measure(target, draft, sorted(group, key=len), options.longest, seed=5)
        flat = [hit for run in hits for hit in run]
        if not flat or not overlaps:
            continue
        per_pass = " / ".join(
            f"{len(flat) / sum(count_passes(run, k) for run in hits):.2f}" for k in (4, 8)
        )
        lines.append(
            f"| {label} | {len(flat)} | {sum(flat) / len(flat):.3f} | {per_pass} "
            f"| {sum(overlaps) / len(overlaps):.3f} |"
        )
    (work / "acceptance.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
