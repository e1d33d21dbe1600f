"""Another catalogue is another language: no word of ours is left beside it in any view.

The package is copied, its one file of words is put in capitals, and every view is made by a fresh
interpreter: small letters are then what does not stand in the catalogue.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import ipyfootprint
from ipyfootprint.tables import rows

PACKAGE = Path(ipyfootprint.__file__).parent
PROGRAM = Path(__file__).with_name("every_view.py")
# what a payload tells the browser's code and no reader
CODES = {"id", "state", "method", "level", "answer"}
UNITS = {"kWh", "mWh", "Wh", "MWh", "kg", "mg", "kW", "mW", "mJ", "mL", "km", "Sb", "eq", "CO2e"}
# inputs as a person types them, which have no underscore
INPUTS = {"pue", "hours", "utilisation"}
# our own name, and a person's unit of work with the s of many
NAMES = {"ipyfootprint", "SAMPLEs"}
# what the command line says of rows, and inputs that only some machines and settings have
UNSEEN = {
    *("rows_one", "sessions_one", "sessions_many", "as_given", "as_set", "set_by_assumed_here"),
    *(
        "source_pue_set",
        "source_published",
        "middle_region",
        "correlations",
        "breakeven_not_within",
    ),
}
# sources are quoted as they name themselves
SOURCES = [row[-1] for row in rows("impact", "devices.csv")]
SOURCES += [row[5] for row in rows("impact", "equivalents.csv")]
SOURCES += ["Ember, Our World in Data", "Ember", "US EPA", "a table", "California"]


class Visible(HTMLParser):
    """What a page shows or reads aloud: its texts, titles and alternative texts."""

    def __init__(self, page):
        super().__init__()
        self.texts = []
        self.feed(page)

    def handle_data(self, data):
        self.texts.append(data)

    def handle_starttag(self, tag, attributes):
        self.texts += [text for name, text in attributes if name in ("alt", "title")]


def texts(told):
    """Every text of a payload that a person gets to see."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, list):
        for each in told:
            yield from texts(each)
    elif isinstance(told, dict) and "shapes" in told:
        yield told["title"]
        yield from (shape[3] for shape in told["shapes"] if len(shape) == 4)
    elif isinstance(told, dict) and "text/html" in told:
        yield told["text/plain"]
        yield from Visible(told["text/html"]).texts
    elif isinstance(told, dict):
        for name, each in told.items():
            if name not in CODES:
                yield from texts(each)


def foreign(text):
    """A text without what is not ours to translate."""
    for source in SOURCES:
        text = text.replace(source, "")
        for end in range(len(source), 9, -1):  # a long one is cut where a line ends
            text = text.replace(f"{source[:end]}…", "")
    return re.sub(r"\w+(_\w+)+|\{\w+\}|\de[+-]\d|\d[\d.,]*x\b|x\d", "", text)


def left_in(text):
    """Words with small letters."""
    words = re.findall(r"[A-Za-z0-9]*[a-z][A-Za-z0-9]+|[A-Za-z0-9]+[a-z]", foreign(text))
    return {word for word in words if word not in UNITS | INPUTS | NAMES}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What every view says where the catalogue is in capitals."""
    copy = tmp_path_factory.mktemp("package") / "ipyfootprint"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    catalogue = copy / "words.json"
    words = json.loads(catalogue.read_text(encoding="utf-8"))
    catalogue.write_text(json.dumps({name: capitals(text) for name, text in words.items()}))
    tests = PROGRAM.parents[1]
    rooms = [tests / name for name in (".", "widgets", "rebound", "impact")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (copy.parent, *rooms)))}
    done = subprocess.run(
        [sys.executable, PROGRAM], env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert Path(told.pop("package")).parent == copy
    return told


def capitals(phrase):
    """A phrase in capitals, its gaps as they are."""
    parts = re.split(r"(\{[^}]*\})", phrase)
    return "".join(part if part.startswith("{") else part.upper() for part in parts)


@pytest.mark.parametrize("kind", ["payloads", "views", "sentences"])
def test_no_word_of_ours_stands_outside_the_catalogue(shown, kind):
    seen = list(texts(shown[kind]))
    assert sum(map(len, seen)) > 3_000 and any("MEASURED" in text for text in seen)
    left = {text: sorted(words) for text in seen if (words := left_in(text))}
    assert left == {}


def test_every_phrase_of_the_catalogue_is_among_what_was_looked_at(shown):
    """A phrase that no view of this test shows proves nothing."""
    seen = "\n".join(text for kind in shown.values() for text in texts(kind))
    phrases = json.loads((PACKAGE / "words.json").read_text(encoding="utf-8"))
    missing = {
        name
        for name, phrase in phrases.items()
        if not all(part.strip() in seen for part in re.split(r"\{[^}]*\}", capitals(phrase)))
    }
    assert missing <= UNSEEN
