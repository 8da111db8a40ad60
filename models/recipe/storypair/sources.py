"""Reads the third-party texts from the clones that fetch_sources.sh makes.

A clone lies at sources/OWNER+NAME. Whatever is missing is left out and reported, so that the
recipe runs on any part of the data, down to none (the smoke run).
"""

import csv
import dataclasses
import io
import json
import pathlib
import re

TINY_STORIES = [  # (clone, paths of which the first that exists is read)
    (
        "maxme1+tiny-stories",
        ["frontend/src/assets/tiny-stories.json", "src/assets/tiny-stories.json"],
    ),
    ("yuninxia+moe-routing-bench", ["data/tinystories_val.txt"]),
    ("s-ajaykumar+smallGPT", ["data/tiny_stories.txt"]),
    ("Niklas6+Mini_GPT", ["tinystories.txt"]),
    ("eniompw+microgpt-tinystories", ["input.txt"]),
    ("mattmegarry+tiny-stories-transformer", ["sentencepiece/TinyStories-1000.txt"]),
]
FAIRYTALE_QA = "uci-soe+FairytaleQAData"
CODE = "TheAlgorithms+Python"
BOOKS = "GITenberg+*"

_PLAIN = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "—": " - ",
        "–": "-",
        "…": "...",
        "\u00a0": " ",
        "é": "e",
        "è": "e",
        "\t": "    ",
        "\r": None,
        "\ufeff": None,
        "_": None,
    }
)
# Files that run stories together: a paragraph that begins like this starts a new one.
_OPENING = re.compile(
    r"(Once upon a time|One day,|Once there|There once|In a |Once, "
    r"|(Tom|Lily|Tim|Sara|Ben|Mia|Anna) and"
    r"|(Lily|Tom|Tim) (was|liked|loved|had))"
)
_BOOK_NOISE = re.compile(r"Gutenberg|\[Illustration|Produced by|Transcriber|http|CHAPTER")


@dataclasses.dataclass
class Sources:
    """Cleaned documents of each kind; `questions` holds (section, question, answer)."""

    tiny: list
    tales: list
    code: list
    questions: list


def plain(text):
    """Simple punctuation, single spaces, at most one empty line."""
    text = text.translate(_PLAIN).replace("--", " - ")
    text = re.sub(r" +", " ", text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", text)).strip()


def _odd_characters(text):
    return sum(ord(character) > 126 for character in text)


def _read(path):
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _split_stories(text):
    stories, current = [], []
    for paragraph in text.split("\n\n"):
        if _OPENING.match(paragraph) and len("\n\n".join(current)) > 250:
            stories.append("\n\n".join(current))
            current = []
        current.append(paragraph)
    return stories + ["\n\n".join(current)]


def _tiny_stories(root):
    stories = []
    for clone, paths in TINY_STORIES:
        found = [root / clone / path for path in paths if (root / clone / path).exists()]
        if not found:
            print(f"sources: no {clone}/{paths[0]}")
        elif found[0].suffix == ".json":
            stories += [plain(text) for text in json.loads(_read(found[0]))["texts"]]
        else:
            text = _read(found[0]).replace("<|endoftext|>", "\n\n")
            text = re.sub(r"\n(?=Once upon a time|One day, |Once there |There once )", "\n\n", text)
            stories += _split_stories(plain(text))
    unique = {}
    for story in stories:
        if 200 < len(story) < 6000 and _odd_characters(story) < 5:
            unique.setdefault(story[:80], story)
    return list(unique.values())


def _book(path):
    """Pieces of about 1,700 characters of one Project Gutenberg text, without its frame."""
    text = _read(path).replace("\r", "")
    start, end = re.search(r"\*\*\* ?START OF.*?\*\*\*", text, re.S), re.search(
        r"\*\*\* ?END OF", text
    )
    text = text[start.end() if start else 0 : end.start() if end else len(text)]
    paragraphs = [re.sub(r"\s*\n\s*", " ", part).strip() for part in re.split(r"\n\s*\n", text)]
    paragraphs = [
        plain(part)
        for part in paragraphs
        if len(part) > 40 and re.search("[a-z]", part) and not _BOOK_NOISE.search(part)
    ]
    pieces, current, length = [], [], 0
    for paragraph in paragraphs[8:]:  # title page and contents
        if current and length + len(paragraph) > 1700:
            pieces.append("\n\n".join(current))
            current, length = [], 0
        current.append(paragraph)
        length += len(paragraph)
    return pieces + (["\n\n".join(current)] if length > 300 else [])


def _books(root):
    pieces = []
    for clone in sorted(root.glob(BOOKS)):
        number = clone.name.rpartition("_")[2]
        preferred = [
            clone / name for name in (f"{number}-0.txt", f"{number}.txt", f"{number}-8.txt")
        ]
        others = sorted(
            path for path in clone.glob("*.txt") if not re.search("LICENSE|README|^\\.", path.name)
        )
        texts = [path for path in preferred + others if path.exists()]
        if texts:
            pieces += _book(texts[0])
        else:
            print(f"sources: no text in {clone.name}")
    return pieces


def _rows(path):
    return list(csv.DictReader(io.StringIO(_read(path))))


def _fairytales(root):
    """Story pieces of two sections each, and (section, question, answer)."""
    base = root / FAIRYTALE_QA
    sections, pieces, questions = {}, [], []
    for path in sorted(base.glob("data-by-origin/section-stories/**/*.csv")):
        texts = {row.get("section"): plain(row.get("text") or "") for row in _rows(path)}
        sections[path.stem.removesuffix("-story")] = texts
        listed = list(texts.values())
        pieces += ["\n\n".join(listed[i : i + 2]) for i in range(0, len(listed), 2)]
    for path in sorted(base.glob("data-by-origin/questions/**/*.csv")):
        texts = sections.get(path.stem.removesuffix("-questions"), {})
        for row in _rows(path):
            section = texts.get((row.get("cor_section") or "").split(",")[0])
            question, answer = plain(row.get("question") or ""), plain(row.get("answer1") or "")
            if section and question and answer and len(section) < 1300:
                questions.append((section, question, answer[0].upper() + answer[1:]))
    return pieces, questions


def _code(root):
    documents = []
    for path in sorted((root / CODE).glob("**/*.py")):
        text = _read(path).replace("\r", "").replace("\t", "    ")
        if path.name != "__init__.py" and 200 < len(text) < 6000 and text.isascii():
            documents.append(f"# {path.relative_to(root / CODE)}\n{text}")
    return documents


def read_sources(root):
    root = pathlib.Path(root)
    tales, questions = _fairytales(root)
    tales = [text for text in _books(root) + tales if len(text) > 250 and _odd_characters(text) < 8]
    return Sources(_tiny_stories(root), tales, _code(root), questions)
