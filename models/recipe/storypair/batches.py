"""Training rows: documents of several parts packed end to end, in given shares of the tokens."""

import pathlib

import numpy as np
import torch

from .engines import IGNORED
from .tokenizer import ASSISTANT

MASKED_PARTS = ("copy", "val_copy")  # the prompt is random words: no loss on it
CARRIED_PARTS = ("tiny", "tale", "generated")  # the rest of a cut document may start a later row
TYPICAL_ROW_SHARE = 400  # longer documents are cut by the row's end


class Part:
    """The encoded documents of one part, in a fresh random order every epoch."""

    def __init__(self, corpus, name, random):
        self.name, self.random = name, random
        self.tokens = np.fromfile(corpus / f"{name}.tokens", np.uint16)
        self.starts = np.fromfile(corpus / f"{name}.starts", np.int64)
        self.ends = np.append(self.starts[1:], len(self.tokens))
        self.order, self.carried = [], []

    def document(self):
        if self.carried and self.random.random() < 0.5:
            return self.carried.pop()
        if not self.order:
            self.order = list(self.random.permutation(len(self.starts)))
        index = self.order.pop()
        return self.tokens[self.starts[index] : self.ends[index]]


class Mixture:
    """Rows of `context` tokens and their targets; every row starts at the start of a document."""

    def __init__(self, corpus, shares, context, seed):
        """`shares`: part name -> share of the tokens. Parts without documents are left out."""
        self.random = np.random.default_rng(seed)
        self.context = context
        found = [
            (Part(pathlib.Path(corpus), name, self.random), share)
            for name, share in shares.items()
            if (pathlib.Path(corpus) / f"{name}.tokens").exists()
        ]
        found = [(part, share) for part, share in found if len(part.starts)]
        if not found:
            raise ValueError(f"no documents for {', '.join(shares)}")
        self.parts = [part for part, _ in found]
        weights = np.array(
            [
                share / min(len(part.tokens) / len(part.starts), TYPICAL_ROW_SHARE)
                for part, share in found
            ]
        )
        self.odds = weights / weights.sum()

    def _row(self):
        room = self.context + 1
        tokens, silent, filled = np.zeros(room, np.int32), np.zeros(room, bool), 0
        while filled < room:
            part = self.parts[self.random.choice(len(self.parts), p=self.odds)]
            document = part.document()
            taken = min(len(document), room - filled)
            tokens[filled : filled + taken] = document[:taken]
            if part.name in MASKED_PARTS:
                answers = np.flatnonzero(document == ASSISTANT)
                prompt = answers[0] + 1 if len(answers) else 0
                silent[filled : filled + min(taken, prompt)] = True
            if taken < len(document) - 64 and part.name in CARRIED_PARTS:
                part.carried.append(document[taken - 1 :])
            filled += taken
        return tokens, silent

    def batch(self, rows):
        """(tokens, targets), both int32 [rows, context]."""
        drawn = [self._row() for _ in range(rows)]
        tokens = np.stack([row for row, _ in drawn])
        targets = np.where(np.stack([silent for _, silent in drawn]), IGNORED, tokens)
        return (
            torch.from_numpy(tokens[:, :-1].copy()),
            torch.from_numpy(targets[:, 1:].astype(np.int32)),
        )
