"""Requests about stories with their exact answers: write, repeat, replace, continue, ask, list.

A maker returns a document, or None if the story it drew does not suit; the caller draws again.
"""

import json
import re

from . import vocabulary
from .story_grammar import with_article

_SENTENCE_END = re.compile(r'(?<=[.!?"])\s+(?=[A-Z"])')


def chat(*turns):
    """A document of user, assistant, user, assistant.. texts in the models' prompt format."""
    pairs = zip(turns[::2], turns[1::2])
    return "</s>".join(f"<|user|>\n{user}\n<|assistant|>\n{answer}" for user, answer in pairs)


def replace_word(old, new, text):
    return re.sub(rf"\b{re.escape(old)}\b", new, text)


class TextTasks:
    """Draws from the story grammar and, where there are any, from TinyStories and tales."""

    def __init__(self, random, grammar, sources):
        self.random, self.grammar, self.sources = random, grammar, sources

    def _any_text(self):
        """(text, Story or None): 45 % own stories, 35 % TinyStories, 20 % tales."""
        draw = self.random.random()
        if draw >= 0.45:
            shelf = self.sources.tiny if draw < 0.8 else self.sources.tales
            if shelf:
                return self.random.choice(shelf), None
        story = self.grammar.story()
        return story.text, story

    def _excerpt(self, text, shortest=120, longest=700):
        """Whole sentences from a random one on, up to a random length."""
        sentences = _SENTENCE_END.split(text.replace("\n\n", " "))
        goal = self.random.randint(shortest, longest)
        taken, length = [], 0
        for sentence in sentences[self.random.randrange(len(sentences)) :]:
            length += len(sentence) + 1
            if length > goal:
                break
            taken.append(sentence)
        return " ".join(taken)

    def write_story(self):
        if self.sources.tiny and self.random.random() < 0.5:
            text = self.random.choice(self.sources.tiny)
            known = set(re.findall(r"\b[a-z]{4,9}\b", text)) - vocabulary.COMMON_WORDS
            if len(known) < 3 or len(text) > 1900:
                return None
            words = ", ".join(self.random.sample(sorted(known), 3))
            return chat(
                self.random.choice(
                    [
                        f"Write a story with the words: {words}.",
                        f"Write a story. Use these words: {words}.",
                    ]
                ),
                text,
            )
        story = self.grammar.story()
        name, kind, place = story.words["a"], story.words["a.kind"], story.words["place"]
        company = f"{name} and {story.words['b']}" if "b" in story.words else story.words["a.the"]
        request = self.random.choice(
            [
                f"Write a story about {name}.",
                f"Write a story about {with_article(kind)} named {name}.",
                f"Tell me a story about {company}.",
                f"Write a short story about {with_article(kind)} at the {place}.",
            ]
        )
        return chat(request, story.text)

    def repeat(self):
        excerpt = self._excerpt(self._any_text()[0])
        if len(excerpt) < 60:
            return None
        request = self.random.choice(["Repeat this text:", "Copy this text:", "Say this again:"])
        return chat(f"{request}\n{excerpt}", excerpt)

    def replace(self):
        text, story = self._any_text()
        excerpt = self._excerpt(text, 200, 700)
        color = story.words.get("color") if story else None
        if color and color in excerpt and self.random.random() < 0.3:
            old, choices = color, vocabulary.COLORS
        else:
            names = (
                [story.words["a"]] if story else re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,8}\b", text)
            )
            if not names:
                return None
            old, choices = self.random.choice(names), vocabulary.NAMES
        if old not in excerpt:
            return None
        new = self.random.choice([word for word in choices if word != old])
        request = self.random.choice(
            [f"Replace {old} with {new} in this text:", f"Change {old} to {new} in this text:"]
        )
        return chat(f"{request}\n{excerpt}", replace_word(old, new, excerpt))

    def continue_story(self):
        paragraphs = self._any_text()[0].split("\n\n")
        if len(paragraphs) < 2:
            return None
        cut = self.random.randint(1, len(paragraphs) - 1)
        return chat(
            "Continue this story:\n" + "\n\n".join(paragraphs[:cut]),
            "\n\n".join(paragraphs[cut:])[:1800],
        )

    def ask_own(self):
        """One to three questions about an own story, as one conversation."""
        story = self.grammar.story()
        count = self.random.randint(1, min(3, len(story.questions)))
        turns = [text for pair in self.random.sample(story.questions, count) for text in pair]
        turns[0] = f"Read this story and answer the question.\n{story.text}\nQuestion: {turns[0]}"
        return chat(*turns)

    def ask_fairytale(self):
        if not self.sources.questions:
            return None
        section, question, answer = self.random.choice(self.sources.questions)
        return chat(
            f"Read this story and answer the question.\n{section}\nQuestion: {question}", answer
        )

    def list_names(self):
        excerpt = self._excerpt(self.grammar.story().text, 250, 800)
        known = set(vocabulary.NAMES)
        names = list(
            dict.fromkeys(w for w in re.findall(r"\b[A-Z][a-z]+\b", excerpt) if w in known)
        )
        if not names:
            return None
        return chat(
            f"List the names in this text as JSON:\n{excerpt}", json.dumps({"names": names})
        )

    def copy_sentences(self):
        text = self.grammar.story().text.replace("\n\n", " ")
        sentences = [
            s for s in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text) if '"' not in s and len(s) > 25
        ]
        if len(sentences) < 4:
            return None
        word = self.random.choice(self.random.choice(sentences).split()[2:]).strip('.,!?"')
        matching = [s for s in sentences if re.search(rf"\b{re.escape(word)}\b", s)]
        request = f'Copy the sentences that have the word "{word}".\n' + " ".join(sentences)
        return chat(request, " ".join(matching)) if matching else None
