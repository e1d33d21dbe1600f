"""Every word that a view shows stands in the one catalogue, so that a translation is one file."""

import ast
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from ipyfootprint import widgets, words

ROOM = Path(widgets.__file__).parent
CATALOGUE = Path(words.__file__).with_name("words.json")
SOURCES = Path(__file__).parents[2] / "js" / "src"
PHRASE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}|[a-z]{2,} $|^,? [a-z]{2,}")
WORD = re.compile(r"[A-Za-z]{2,}")
# where a literal is a name for programs: the calls whose first argument is one
NAMED = {"say", "Table", "element", "module", "getattr", "debug"}


def literals(tree):
    """Strings of a module that could be shown: no docstring, key, option or error."""
    left_out = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            left_out.add(id(body[0].value))
        if isinstance(node, ast.Subscript):
            left_out |= {id(part) for part in ast.walk(node.slice)}
        if isinstance(node, ast.Raise):
            left_out |= {id(part) for part in ast.walk(node)}
        if isinstance(node, ast.Call) and _name(node) in NAMED and node.args:
            left_out.add(id(node.args[0]))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in left_out
    ]


def shown(tree):
    """Strings that are put into a page or a table as they are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in ("element", "Table", "line_view", "say"):
            for argument in node.args[1:]:
                parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
                yield from (p for p in parts if isinstance(p, ast.Constant) and p.value)


def _name(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_no_phrase_stands_in_the_code(path):
    tree = ast.parse(path.read_text())
    phrases = [node.value for node in literals(tree) if PHRASE.search(node.value)]
    assert phrases == [], path.name
    placed = [str(node.value) for node in shown(tree) if WORD.search(str(node.value))]
    assert placed == [], path.name


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.ts")), ids=lambda path: path.name)
def test_no_phrase_stands_in_the_browser_code(path):
    source = re.sub(r"//.*|/\*.*?\*/|^import .*$|^declare .*$", "", path.read_text(), flags=re.M)
    quoted = re.findall(r'"([^"\n]*)"|\x27([^\x27\n]*)\x27|`([^`]*)`', source)
    texts = [re.sub(r"\$\{[^}]*\}", "", "".join(groups)) for groups in quoted]
    phrases = [t for t in texts if PHRASE.search(t) and "ipf" not in t]
    assert phrases == [], path.name
    # el(tag, {...}, "text") and setText(node, "text") would put a word into the page
    assert re.findall(r'(?:setText|fill)\([^()"]*"([A-Za-z]{2,})"', source) == []
    assert re.findall(r'el\("\w+", \{[^{}]*\}, "([A-Za-z]{2,})"', source) == []


def test_the_check_would_see_a_phrase():
    tree = ast.parse('element("b", "Total")\nf"energy of {name} in all"\nnotes = ["At no time"]')
    assert [node.value for node in shown(tree)] == ["Total"]
    assert len([node for node in literals(tree) if PHRASE.search(node.value)]) == 3


def test_the_catalogue_has_no_phrase_twice_and_gaps_with_names():
    names = []
    text = CATALOGUE.read_text(encoding="utf-8")
    read = json.loads(text, object_pairs_hook=lambda pairs: names.extend(pairs) or dict(pairs))
    assert [name for name, count in Counter(name for name, _ in names).items() if count > 1] == []
    for phrase in read.values():
        assert phrase.strip("{}") and re.findall(r"\{[^a-z_]*\}", phrase) == []
