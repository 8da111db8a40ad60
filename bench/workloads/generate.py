#!/usr/bin/env python3
"""Writes the workloads of this folder, one class a file, from templates and the pair's own grammar.

    python3 bench/workloads/generate.py            # writes *.jsonl beside this file
    python3 bench/workloads/generate.py --check    # says which of them would change; exit status 1

Standard library only; no part of the build or the tests. The same seed gives the same bytes under
the same Python minor version (3.11 wrote the committed files).
"""

import argparse
import json
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "models" / "recipe"))

from storypair import vocabulary  # noqa: E402
from storypair.data_tasks import DataTasks  # noqa: E402
from storypair.story_grammar import StoryGrammar, with_article  # noqa: E402
from storypair.text_tasks import TextTasks  # noqa: E402

TUNE, HELD_OUT = 100, 60
# The pair's context is 512 tokens; with an answer of at most 224 a prompt may have some 250. Text
# comes to about 3.6 characters a token of the pair, code and JSON to about 2.
LONGEST_TEXT, LONGEST_DATA = 760, 440
TURN = re.compile(r"<\|user\|>\n(.*?)\n<\|assistant\|>\n(.*?)(?:</s>|$)", re.S)

# Openings of plain stories. {hero} is "a little girl named Lily", {she} and {her} go with it.
OPENINGS = [
    "Once upon a time, there was {hero}. {She} loved to {pastime}.",
    "Once upon a time, in a small {place}, there lived {hero}. {She} was very {trait}.",
    "One day, {hero} went to the {place}. It was a {weather} day and {she} wanted to {pastime}.",
    "One {weather} morning, {name} woke up early. {She} looked out of the window and saw",
    "{Hero} had a {color} {toy}. {She} took it everywhere.",
    "There was once {hero} who liked to {pastime}. Every {day}, {she} went to the {place}.",
    "{name} and {her} mom went to the {place}. {name} saw a {color} {toy} and said,",
    "{name} was a {trait} {kind}. {She} had a friend named {friend}. They liked to {pastime}.",
    "It was a {weather} day. {name} and {friend} were playing in the {place} with a {toy}.",
    "Long ago, {hero} found a {color} {toy} {hiding}. {She} did not know whose it was.",
    "{name} was sad. {Her} {toy} was gone and {she} could not find it.",
    "On {day}, {name} wanted to make {food} for {friend}. {She} asked {her} mom to help.",
    "{name} lived near the {place}. One day, {she} heard a strange sound {hiding}.",
    "{friend} had a birthday. {name} wanted to give {friend} a {color} {toy}, but",
]

# Openings of plain tales in an older manner: {king} rules or works, {deed} and {thing} vary.
TALES = [
    "In the days when {wonder}, there was {king} who had {count} {child}s, and the youngest was",
    "There stood {thing} at the end of the village, and nobody dared to {deed}. But {king}",
    "{King} once lost {thing} in the {land}, and he promised half of all he had to whoever should",
    "When winter came over the {land}, {king} called his {count} {child}s together and said to them:",
    'An old woman met {king} in the {land}. "If you {deed}," said she, "then {wonder}."',
    "Far beyond the {land} lived {king}, who possessed {thing}; and whenever the moon was full, he",
    "It happened that {king} and a {beast} travelled the same road, for both of them sought {thing}.",
    "Seven years the {child} had served {king}, and when the time was over, he received {thing}.",
]
KINGS = [
    f"a {trait} {person}"
    for trait in "proud poor greedy wise foolish weary lonely".split()
    for person in "king miller fisherman shepherd tailor merchant giant".split()
]
LANDS = "dark forest|cold mountains|eastern marshes|glass hills|white desert|deep valley".split("|")
THINGS = (
    "a silver key|a mill that ground nothing but sand|an iron cage|a mirror without a frame|"
    "a horse with golden shoes|a well that had no bottom|a crown of thorns|a sealed letter"
).split("|")
DEEDS = (
    "open the seventh door|sleep beneath the ash tree|drink of the black water|"
    "answer the raven|strike the bell at midnight|follow the burning lantern"
).split("|")
WONDERS = (
    "stones could still speak|the sea was sweet as milk|every wish was paid for with a year of life|"
    "the wind carried messages|no shadow fell upon the palace|the wolves kept the law"
).split("|")


class Writer:
    """Draws the items of every class; one stream of random numbers for each."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.grammar = StoryGrammar(seed)
        no_books = argparse.Namespace(tiny=[], tales=[], questions=[])
        self.text = TextTasks(self.random, self.grammar, no_books)
        self.data = DataTasks(self.random)

    def story(self):
        girl = self.random.random() < 0.5
        name, friend = self.random.sample(vocabulary.GIRLS if girl else vocabulary.BOYS, 2)
        kind, she, her = ("girl", "she", "her") if girl else ("boy", "he", "his")
        size = self.random.choice(["little", "young", "small", self.random.choice(vocabulary.TRAITS)])
        hero = f"{with_article(size)} {kind} named {name}"
        words = {
            "name": name,
            "friend": friend,
            "kind": kind,
            "she": she,
            "her": her,
            "She": she.capitalize(),
            "Her": her.capitalize(),
            "hero": hero,
            "Hero": hero[0].upper() + hero[1:],
            "pastime": self.random.choice(vocabulary.PASTIMES),
            "place": self.random.choice(vocabulary.PLACES),
            "trait": self.random.choice(vocabulary.TRAITS),
            "weather": self.random.choice(vocabulary.WEATHER),
            "color": self.random.choice(vocabulary.COLORS[:-1]),
            "toy": self.random.choice(vocabulary.TOYS),
            "day": self.random.choice(vocabulary.DAYS),
            "food": self.random.choice(vocabulary.FOODS),
            "hiding": self.random.choice(vocabulary.HIDING_PLACES),
        }
        text = self.random.choice(OPENINGS).format(**words)
        return {"prompt": re.sub(r"\ba (?=[aeiou])", "an ", text), "max_tokens": 128}

    def tale(self):
        king = self.random.choice(KINGS)
        words = {
            "king": king,
            "King": king[0].upper() + king[1:],
            "count": self.random.choice(vocabulary.NUMBERS[2:]),
            "child": self.random.choice(["son", "daughter", "servant", "brother"]),
            "beast": self.random.choice("raven wolf serpent stag dragon hare".split()),
            "land": self.random.choice(LANDS),
            "thing": self.random.choice(THINGS),
            "deed": self.random.choice(DEEDS),
            "wonder": self.random.choice(WONDERS),
        }
        return {"prompt": self.random.choice(TALES).format(**words), "max_tokens": 128}

    def word_story(self):
        lists = [vocabulary.TOYS, vocabulary.TRAITS, vocabulary.ANIMALS, vocabulary.SNACKS]
        words = ", ".join(self.random.choice(words) for words in self.random.sample(lists, 3))
        request = self.random.choice(
            [f"Write a story with the words: {words}.", f"Write a story. Use these words: {words}."]
        )
        return {"messages": [{"role": "user", "content": request}], "max_tokens": 160}

    def opening(self):
        return {"prompt": self.grammar.story().paragraphs[0], "max_tokens": 128}

    def continuation(self):
        return self._request(self.text.continue_story(), 128)

    def grammar_story(self):
        return self._request(self.text.write_story(), 160)

    def question(self):
        return self._request(self.text.ask_own(), 32)

    def edit(self):
        draw = self.random.choice(
            [self.text.repeat, self.text.replace, self.text.replace, self.text.copy_sentences]
        )
        return self._request(draw())

    def json(self):
        draw = self.random.random()
        return self._request(self.text.list_names() if draw < 0.15 else self.data.json_task())

    def code(self):
        return self._request(self.data.code_task())

    @staticmethod
    def _request(document, max_tokens=None):
        """The first turn of a training document; room for its answer and a little more."""
        if not document:
            return None
        request, answer = TURN.search(document).groups()
        if max_tokens is None:
            per_token = 2.0 if re.search(r'[{|]|def |^- ', answer) else 3.3
            max_tokens = max(24, 8 * round((len(answer) / per_token + 12) / 8))
        return {"messages": [{"role": "user", "content": request}], "max_tokens": max_tokens}


CLASSES = {
    "story": "Plain openings in the manner of TinyStories, to be continued freely",
    "opening": "Plain first paragraphs of the pair's own story grammar",
    "continuation": "Continue this story: the beginning of an own-grammar story",
    "grammar_story": "Write a story about ...: requests that the pair answers in its own grammar",
    "question": "A question on a short story that stands in the prompt; short answers",
    "edit": "Repeat a text, replace a word in it, or copy sentences of it",
    "json": "Change, list and convert small JSON records, and names as JSON",
    "code": "Rename a variable in Python code, write or extend a function",
    "tale": "Plain openings in the manner of old tales, far from the pair's own grammar",
    "word_story": "Write a story with three given words, which the pair answers freely",
}


def asked(item):
    return item.get("prompt") or item["messages"][0]["content"]


def fits(item, name):
    if name == "edit" and item["max_tokens"] < 40:
        return False  # too short to show how well copying goes
    longest = LONGEST_DATA if name in ("json", "code") else LONGEST_TEXT
    return len(asked(item)) <= longest and item["max_tokens"] <= 224


def file_text(name, number):
    """Header and items of a class; every prompt occurs once, so nothing held out is tuned on."""
    writer, seen, lines = Writer(20_000 + number), set(), []
    while len(lines) < TUNE + HELD_OUT:
        item = getattr(writer, name)()
        if not item or not fits(item, name):
            continue
        if asked(item) in seen:
            continue
        seen.add(asked(item))
        split = "tune" if len(lines) < TUNE else "held_out"
        lines.append({"id": f"{name}-{len(lines) + 1:03}", "split": split, **item})
    header = {
        "turbospec_workload": 1,
        "name": f"storypair {name}",
        "class": name,
        "description": CLASSES[name],
        "tune_held_out": {"tune": TUNE, "held_out": HELD_OUT},
    }
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [header] + lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    changed = []
    for number, name in enumerate(CLASSES):
        path, text = HERE / f"{name}.jsonl", file_text(name, number)
        if check and (not path.exists() or path.read_text() != text):
            changed.append(path.name)
        if not check:
            path.write_text(text)
    if changed:
        sys.exit("these would change: " + ", ".join(changed))


if __name__ == "__main__":
    main()
