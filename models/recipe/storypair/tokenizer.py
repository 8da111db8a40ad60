"""Trains the SentencePiece tokenizer and encodes every part of the corpus.

A part becomes NAME.tokens (uint16) and NAME.starts (int64, where each document begins); a
document is <s> text </s>, and </s> also ends every assistant turn inside it.
"""

import argparse
import json
import pathlib
import random

import numpy as np
import sentencepiece

BOS, EOS, USER, ASSISTANT = 1, 2, 3, 4
MARKERS = ["<|user|>", "<|assistant|>"]
# How many documents of each part the tokenizer sees; None: all.
TRAINING_SAMPLE = {"tiny": None, "tale": 3500, "code": 250, "synth": 3500, "task": 6000}


class Tokenizer:
    """Text with markers to token ids and back."""

    def __init__(self, path):
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))

    def encode(self, text):
        """Ids without <s>; every </s> in the text becomes the end-of-turn token."""
        turns = [self.pieces.encode(turn) for turn in text.split("</s>")]
        return [token for i, turn in enumerate(turns) for token in ([EOS] if i else []) + turn]


def train(corpus, model, vocabulary):
    draw, documents = random.Random(1), []
    for name, count in TRAINING_SAMPLE.items():
        part = json.loads((corpus / f"{name}.json").read_text())
        documents += part if count is None or count >= len(part) else draw.sample(part, count)
    draw.shuffle(documents)
    text = corpus / "tokenizer.txt"
    with text.open("w") as out:
        for document in documents:
            for marker in MARKERS + ["</s>"]:
                document = document.replace(marker, "")
            out.write(document + "\n")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(model.with_suffix("")),
        vocab_size=vocabulary,
        model_type="bpe",
        byte_fallback=True,
        split_digits=True,
        character_coverage=0.9999,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=False,
        allow_whitespace_only_pieces=True,
        user_defined_symbols=MARKERS,
        unk_id=0,
        bos_id=BOS,
        eos_id=EOS,
        pad_id=-1,
        max_sentence_length=20000,
        input_sentence_size=400000,
        shuffle_input_sentence=True,
        num_threads=1,
        minloglevel=2,
    )


def write_part(corpus, name, documents):
    """Stores documents that are already lists of ids."""
    lengths = [len(document) for document in documents]
    starts = np.cumsum([0] + lengths[:-1] if lengths else [], dtype=np.int64)
    flat = [token for document in documents for token in document]
    np.array(flat, np.uint16).tofile(corpus / f"{name}.tokens")
    starts.tofile(corpus / f"{name}.starts")
    print(f"{name:10} {len(documents):6} documents {len(flat):9} tokens")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--vocabulary", type=int, default=4096)
    options = parser.parse_args()
    corpus = pathlib.Path(options.work) / "corpus"
    model = pathlib.Path(options.work) / "tokenizer.model"
    train(corpus, model, options.vocabulary)
    tokenizer = Tokenizer(model)
    for path in sorted(corpus.glob("*.json")):
        documents = json.loads(path.read_text())
        write_part(corpus, path.stem, [[BOS] + tokenizer.encode(d) + [EOS] for d in documents])


if __name__ == "__main__":
    main()
