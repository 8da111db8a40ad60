"""Requests about small JSON records and Python functions, and random-word copying, with answers."""

import json
import re

from . import vocabulary
from .text_tasks import chat, replace_word

FIELDS = ["age", "city", "pet", "color"]
# (request, source); 0, 1, 2 stand for distinct variable names, N for a number.
FUNCTIONS = [
    ("add two numbers", "def add_{0}_{1}({0}, {1}):\n    return {0} + {1}"),
    (
        "sum a list of numbers",
        "def sum_list({0}):\n    {1} = 0\n    for {2} in {0}:\n        {1} += {2}\n    return {1}",
    ),
    (
        "find the largest number in a list",
        "def find_max({0}):\n    {1} = {0}[0]\n    for {2} in {0}:\n        if {2} > {1}:\n"
        "            {1} = {2}\n    return {1}",
    ),
    (
        "count how often a word is in a list",
        "def count_word({0}, {1}):\n    {2} = 0\n    for w in {0}:\n        if w == {1}:\n"
        "            {2} += 1\n    return {2}",
    ),
    (
        "check if a number is divisible by {N}",
        "def is_divisible_by_{N}({0}):\n    return {0} % {N} == 0",
    ),
    (
        "multiply every number in a list by {N}",
        "def times_{N}({0}):\n    {1} = []\n    for {2} in {0}:\n"
        "        {1}.append({2} * {N})\n    return {1}",
    ),
    (
        "reverse a text",
        'def reverse_text({0}):\n    {1} = ""\n    for {2} in {0}:\n'
        "        {1} = {2} + {1}\n    return {1}",
    ),
    (
        "greet a person",
        'def greet({0}):\n    {1} = "Hello, " + {0}\n    print({1})\n    return {1}',
    ),
    (
        "return the numbers in a list that are larger than {N}",
        "def larger_than_{N}({0}):\n    {1} = []\n    for {2} in {0}:\n        if {2} > {N}:\n"
        "            {1}.append({2})\n    return {1}",
    ),
    (
        "compute the mean of a list",
        "def mean({0}):\n    {1} = 0\n    for {2} in {0}:\n"
        "        {1} += {2}\n    return {1} / len({0})",
    ),
]


def _one_row_a_line(records):
    return "[\n" + ",\n".join("  " + json.dumps(record) for record in records) + "\n]"


def _indented(records):
    return json.dumps(records, indent=2)


class DataTasks:
    """JSON and code requests."""

    def __init__(self, random):
        self.random = random

    def _value(self, field):
        lists = {"city": vocabulary.CITIES, "pet": vocabulary.ANIMALS, "color": vocabulary.COLORS}
        return self.random.randint(3, 12) if field == "age" else self.random.choice(lists[field])

    def _records(self):
        chosen = self.random.sample(FIELDS, self.random.randint(1, 3))
        numbered = self.random.random() < 0.5
        records = []
        for number in range(1, self.random.randint(2, 5) + 1):
            record = {"id": number} if numbered else {}
            record["name"] = self.random.choice(vocabulary.GIRLS + vocabulary.BOYS)
            record.update((field, self._value(field)) for field in FIELDS if field in chosen)
            records.append(record)
        return records

    def json_task(self):
        records, draw = self._records(), self.random.random()
        layout = self.random.choice([_one_row_a_line, _indented])
        text, fields = layout(records), list(records[0])
        if draw < 0.3:
            changed = self.random.choice(records)
            field = self.random.choice([f for f in fields if f in FIELDS])
            changed[field] = self._value(field)
            request = f"Change the {field} of {changed['name']} to {changed[field]} in this JSON:"
            return chat(f"{request}\n{text}", layout(records))
        rows = [" | ".join(str(record[f]) for f in fields) for record in records]
        if draw < 0.6:
            return chat(
                "Turn this table into JSON:\n" + "\n".join([" | ".join(fields)] + rows), text
            )
        if draw < 0.75:
            lines = [f"| {' | '.join(fields)} |", "|" + "---|" * len(fields)] + [
                f"| {r} |" for r in rows
            ]
            return chat("Turn this JSON into a table:\n" + text, "\n".join(lines))
        if draw < 0.9:
            field = self.random.choice(fields)
            values = "\n".join(f"- {record[field]}" for record in records)
            return chat(f"List the {field} values in this JSON:\n{text}", values)
        count = vocabulary.NUMBERS[len(records)]
        return chat(f"Make a JSON list of {count} children with {', '.join(fields)}.", text)

    def _function(self):
        names = self.random.sample(vocabulary.VARIABLES, 3)
        number = self.random.randint(2, 20)
        return [part.format(*names, N=number) for part in self.random.choice(FUNCTIONS)]

    def code_task(self):
        (wish, source), draw = self._function(), self.random.random()
        if draw < 0.35:
            return chat(f"Write a Python function to {wish}.", source)
        more = [self._function()[1] for _ in range(self.random.randint(0, 2))]
        code = "\n\n\n".join([source] + more)
        if draw < 0.75:
            used = [v for v in vocabulary.VARIABLES if re.search(rf"\b{v}\b", source)]
            if not used:
                return None
            old = self.random.choice(used)
            new = self.random.choice([v for v in vocabulary.VARIABLES if v not in used])
            return chat(
                f"Rename the variable {old} to {new} in this code:\n{code}",
                replace_word(old, new, code),
            )
        return chat(f'Add the comment "# done" at the end of this code:\n{code}', f"{code}\n# done")


class CopyDrill:
    """Random words to repeat, replace and look up: text that can only be predicted by copying."""

    def __init__(self, random, words):
        self.random, self.words = random, words

    def document(self):
        words = self.random.choices(self.words, k=self.random.randint(6, 60))
        line, draw = " ".join(words), self.random.random()
        if draw < 0.4:
            request = self.random.choice(
                ["Repeat this text:", "Copy this text:", "Say this again:"]
            )
            return chat(f"{request}\n{line}", line)
        if draw < 0.65:
            listed = ", ".join(words) if draw < 0.55 else "\n".join(f"- {w}" for w in words[:25])
            return chat(f"Repeat this list:\n{listed}", listed)
        if draw < 0.8:
            old, new = self.random.choice(words), self.random.choice(self.words)
            request = self.random.choice(
                [f"Replace {old} with {new} in this text:", f"Change {old} to {new} in this text:"]
            )
            return chat(
                f"{request}\n{line}", " ".join(new if word == old else word for word in words)
            )
        if draw < 0.9:
            return (" ".join(words[:30]) + "\n") * self.random.randint(2, 4)
        return self._lookup()

    def _lookup(self):
        keys = [
            word.lower() for word in self.random.choices(self.words, k=self.random.randint(3, 14))
        ]
        table = {key: self.random.choice(self.words) for key in keys}
        key, text = self.random.choice(keys), json.dumps(table)
        return chat(
            f"What is the value of {key} in this JSON?\n{text}", table[key], "Copy the JSON.", text
        )
