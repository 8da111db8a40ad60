"""Lets the target write text for the draft to learn from: 55 % greedy, 45 % at temperature 0.8."""

import argparse
import json
import pathlib
import random

from .decoding import generate
from .network import Weights
from .tokenizer import BOS, Tokenizer, write_part

ANSWER = "<|assistant|>\n"
STORY_PARTS = {"tiny": 0.63, "synth": 0.21, "tale": 0.16}


class Prompts:
    """Task requests (62 %) and openings of stories."""

    def __init__(self, corpus, tokenizer, seed, longest):
        self.random, self.tokenizer, self.longest = random.Random(seed), tokenizer, longest
        load = lambda name: json.loads((corpus / f"{name}.json").read_text())
        self.tasks = load("task")
        self.stories = {name: part for name in STORY_PARTS if (part := load(name))}

    def prompt(self):
        while True:
            if self.random.random() < 0.62:
                request = self.random.choice(self.tasks)
                end = request.index(ANSWER) + len(ANSWER)
                ids = [BOS] + self.tokenizer.encode(request[:end])
            else:
                part = self.random.choices(
                    list(self.stories), [STORY_PARTS[n] for n in self.stories]
                )[0]
                opening = self.random.choice([0, 2, 3, 4, 5, 8, 12, 20, 40])
                story = self.tokenizer.encode(self.random.choice(self.stories[part]))
                ids = [BOS] + story[:opening]
            if len(ids) < self.longest:
                return ids


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--sequences", type=int, default=512)
    parser.add_argument("--at-once", type=int, default=256)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    weights = Weights.load(work / "target.pt")
    context = weights.shape.context
    prompts = Prompts(
        work / "corpus", Tokenizer(work / "tokenizer.model"), options.seed, longest=context * 2 // 3
    )
    documents = []
    while len(documents) < options.sequences:
        batch = [
            prompts.prompt()
            for _ in range(min(options.at_once, options.sequences - len(documents)))
        ]
        batch.sort(key=len)
        heat = [0.0 if prompts.random.random() < 0.55 else 0.8 for _ in batch]
        documents += generate(weights, batch, context * 2 // 3, heat, options.seed + len(documents))
    write_part(work / "corpus", "generated", documents)


if __name__ == "__main__":
    main()
