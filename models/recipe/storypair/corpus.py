"""Writes the training and held-out documents of every part as JSON lists in WORK/corpus."""

import argparse
import collections
import json
import pathlib
import random
import re

from .data_tasks import CopyDrill, DataTasks
from .sources import Sources, read_sources
from .story_grammar import StoryGrammar
from .text_tasks import TextTasks

HELD_OUT = {"tiny": 120, "tales": 60, "code": 30}
HELD_OUT_STORIES, HELD_OUT_TASKS, HELD_OUT_COPIES = 150, 300, 100
HELD_OUT_SEED = 99991


class TaskMaker:
    """Draws a kind of task by its share until one suits."""

    def __init__(self, seed, sources):
        draw = random.Random(seed)
        text, data = TextTasks(draw, StoryGrammar(seed), sources), DataTasks(draw)
        self.random = draw
        self.kinds, self.shares = zip(
            (text.write_story, 0.16),
            (text.repeat, 0.14),
            (text.replace, 0.16),
            (text.continue_story, 0.10),
            (text.ask_own, 0.12),
            (text.ask_fairytale, 0.05),
            (text.list_names, 0.05),
            (text.copy_sentences, 0.03),
            (data.json_task, 0.10),
            (data.code_task, 0.09),
        )

    def document(self):
        while True:
            made = self.random.choices(self.kinds, self.shares)[0]()
            if made:
                return made


def hold_out(sources, seed):
    """Moves a few documents of each kind out of `sources` and returns them."""
    held = Sources([], [], [], sources.questions)
    for kind, count in HELD_OUT.items():
        documents = getattr(sources, kind)
        random.Random(seed).shuffle(documents)
        count = min(count, len(documents) // 10)
        setattr(held, kind, documents[:count])
        del documents[:count]
    # The carrying repositories overlap: drop whatever shares a paragraph with a held-out story.
    seen = {part[:60] for story in held.tiny for part in story.split("\n\n")}
    sources.tiny = [
        story
        for story in sources.tiny
        if not any(part[:60] in seen for part in story.split("\n\n"))
    ]
    return held


def frequent_words(texts, count=6000):
    words = collections.Counter(re.findall(r"[A-Za-z]{2,10}", " ".join(texts)))
    return [word for word, _ in words.most_common(count)]


def build(sources, seed, stories, tasks, copies):
    """Part name -> documents; names that begin with val_ are held out."""
    held = hold_out(sources, seed)
    parts = {}
    for prefix, shelf, first, sizes in (
        ("", sources, seed, (stories, tasks, copies)),
        ("val_", held, HELD_OUT_SEED, (HELD_OUT_STORIES, HELD_OUT_TASKS, HELD_OUT_COPIES)),
    ):
        grammar, maker = StoryGrammar(first), TaskMaker(first + 1, shelf)
        parts[prefix + "tiny"], parts[prefix + "tale"], parts[prefix + "code"] = (
            shelf.tiny,
            shelf.tales,
            shelf.code,
        )
        parts[prefix + "synth"] = [grammar.story().text for _ in range(sizes[0])]
        parts[prefix + "task"] = [maker.document() for _ in range(sizes[1])]
        words = frequent_words(parts["tiny"] + parts["tale"][:3000] + parts["synth"][:3000])
        drill = CopyDrill(random.Random(first + 2), words)
        parts[prefix + "copy"] = [drill.document() for _ in range(sizes[2])]
    return parts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", required=True, help="directory of clones; may be empty")
    parser.add_argument("--work", required=True)
    parser.add_argument("--stories", type=int, default=60000)
    parser.add_argument("--tasks", type=int, default=60000)
    parser.add_argument("--copies", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    folder = pathlib.Path(options.work) / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    parts = build(
        read_sources(options.sources), options.seed, options.stories, options.tasks, options.copies
    )
    for name, documents in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(documents))
        print(f"{name:10} {len(documents):6} documents {sum(map(len, documents)):10} characters")


if __name__ == "__main__":
    main()
