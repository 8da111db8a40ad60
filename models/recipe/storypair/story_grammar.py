"""Writes children's stories from plots.txt, with facts that tasks can ask about.

The notation of a plot, in the order in which it is expanded:
  {@opener a}          a shared phrase of plots.txt, its $1, $2.. replaced by the arguments
  [one|two|]           a random alternative; may nest
  {a} {a.he} {toy}     a character's name or word form, a picked word; {an toy} adds a or an,
                       {^toy} capitalises
  <a: text> <a/cried: text>   speech: "text," said NAME. or NAME said, "text."
"""

import dataclasses
import pathlib
import random
import re

from . import vocabulary

PLOT_FILE = pathlib.Path(__file__).with_name("plots.txt")
# Words that the shared phrases need in every story.
SHARED_PICKS = [
    (["place"], "PLACES"),
    (["weather"], "WEATHER"),
    (["weekday"], "DAYS"),
    (["pastime", "other_pastime"], "PASTIMES"),
]
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_PHRASE = re.compile(r"\{@(\w+)((?: [\w.]+)*)\}")
_SLOT = re.compile(r"\{(\^|an )?([\w.]+)\}")
_SPEECH = re.compile(r"<([^<>:/]+)(?:/(\w+))?: ([^<>]*)>")


@dataclasses.dataclass
class Plot:
    """One plot as read from the file."""

    name: str
    cast: list = dataclasses.field(default_factory=list)
    picks: list = dataclasses.field(default_factory=list)
    paragraphs: list = dataclasses.field(default_factory=list)
    questions: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Story:
    """A finished story. `words` holds every slot by name, e.g. words["a"], words["b.the"]."""

    plot: str
    paragraphs: list
    questions: list  # (question, answer)
    words: dict

    @property
    def text(self):
        return "\n\n".join(self.paragraphs)


def with_article(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def _capital(text):
    return text[:1].upper() + text[1:]


def _read_plots(path):
    """The file's shared phrases and plots."""
    phrases, plots = {}, []
    for line in path.read_text().splitlines():
        kind, _, rest = line.strip().partition(" ")
        if not kind or kind.startswith("#"):
            continue
        if kind == "phrase":
            name, _, text = rest.partition(" = ")
            phrases[name] = text
        elif kind == "plot":
            plots.append(Plot(rest))
        elif kind == "cast":
            plots[-1].cast = rest.split()
        elif kind == "pick":
            names, _, source = rest.partition(" = ")
            plots[-1].picks.append((names.split(), source))
        elif kind == "ask":
            plots[-1].questions.append(tuple(rest.split(" => ")))
        elif kind == "-":
            plots[-1].paragraphs.append(rest)
        else:
            raise ValueError(f"{path.name}: cannot read {line!r}")
    return phrases, plots


class StoryGrammar:
    """A seeded source of stories."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.phrases, self.plots = _read_plots(PLOT_FILE)

    def story(self):
        plot = self.random.choice(self.plots)
        words = {}
        for names, source in SHARED_PICKS:
            self._pick(words, names, source)
        for entry in plot.cast:
            name, _, kind = entry.partition(":")
            self._add_character(words, name, kind)
        for names, source in plot.picks:
            self._pick(words, names, source)
        paragraphs = [_capital(self._expand(text, words)) for text in plot.paragraphs]
        questions = [
            tuple(_capital(self._expand(part, words)) for part in pair) for pair in plot.questions
        ]
        return Story(plot.name, paragraphs, questions, words)

    def _add_character(self, words, slot, kind):
        """`kind`: animal, child, or empty for either. Names and species differ within a story."""
        animal = kind == "animal" or (kind != "child" and self.random.random() < 0.5)
        female = self.random.random() < 0.5
        taken = set(words.values())
        names = (
            vocabulary.ANIMAL_NAMES if animal else vocabulary.GIRLS if female else vocabulary.BOYS
        )
        species = vocabulary.ANIMALS if animal else ["girl" if female else "boy"]
        name = self.random.choice([n for n in names if n not in taken])
        species = self.random.choice([s for s in species if not animal or s not in taken])
        he, him, his = ("she", "her", "her") if female else ("he", "him", "his")
        forms = {
            "he": he,
            "him": him,
            "his": his,
            "He": _capital(he),
            "His": _capital(his),
            "kind": species,
            "the": f"{name} the {species}" if animal else name,
            "trait": self.random.choice(vocabulary.TRAITS),
            "home": "animal" if animal else "child",
        }
        words[slot] = name
        words.update({f"{slot}.{form}": word for form, word in forms.items()})

    def _pick(self, words, names, source):
        """LIST: distinct words, one for each name. Otherwise `row | row`, cells split by ` / `."""
        if source.isupper():
            chosen = self.random.sample(getattr(vocabulary, source), len(names))
        else:
            chosen = [cell.strip() for cell in self.random.choice(source.split(" | ")).split(" / ")]
        if len(chosen) != len(names):
            raise ValueError(f"{names} from {source!r}")
        words.update((name, self._expand(word, words)) for name, word in zip(names, chosen))

    def _expand(self, text, words):
        def phrase(match):
            arguments = match[2].split()
            by_home = f"{match[1]}.{words[arguments[0] + '.home']}"
            template = self.phrases.get(by_home) or self.phrases[match[1]]
            for number, argument in enumerate(arguments, 1):
                template = template.replace(f"${number}", argument)
            return template

        def slot(match):
            word = words[match[2]]
            return {"^": _capital, "an ": with_article}.get(match[1], str)(word)

        while _PHRASE.search(text):
            text = _PHRASE.sub(phrase, text)
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda match: self.random.choice(match[1].split("|")), text)
        text = _SLOT.sub(slot, text)
        text = _SPEECH.sub(
            lambda match: self._speech(words.get(match[1], match[1]), *match.groups()[1:]), text
        )
        return re.sub(r" {2,}", " ", text).strip()

    def _speech(self, speaker, verb, text):
        if not verb:
            rare = {"?": "asked", "!": "cried"}.get(text[-1], "said")
            verb = self.random.choice(["said", "said", "said", rare])
        if self.random.random() < 0.6:
            return f'"{text[:-1] + "," if text[-1] == "." else text}" {verb} {speaker}.'
        return f'{_capital(speaker)} {verb}, "{text}"'
