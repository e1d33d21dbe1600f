"""Which runs are the same experiment: hashes of a cell, and the lineage they belong to.

A cell is read as tokens, not as a syntax tree: that is several times faster, and it works on
what a notebook really holds (magics, shell lines, top-level await, a syntax error). Nothing of
the source leaves this module but hashes.

Limits: a configuration is seen in the cell's own literals and, where the caller passes the
namespace, in plain values (numbers, strings, flags and short tuples of them) that the cell
reads from earlier cells. One that lives in an object, a file or the environment is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from keyword import kwlist

_LONGEST = 50_000  # characters read as tokens; a data dump pasted into a cell is hashed whole
_CACHED = 512
_LITERAL = "\x00"  # no token of Python is this, so it cannot be confused with one

_DROPPED = re.compile(
    r"(?m)^[ \t]*(?:%%?(?:footprint|capture|load_ext|reload_ext|autoreload|matplotlib|config)\b"
    r"[^\n]*|%%?(?:time|timeit|prun|memit|mprun|scalene|memray)\b)"
)
_TOKEN = re.compile(
    r"""[ \t\r\f]*(
    (?!(?:[rbuftRBUFT]|[rbftRBFT]{2})['"])[^\W\d]\w*
    |\n[ \t]*
    |0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?
    |[rbuftRBUFT]{0,2}
        (?:\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}
        |"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)
    |\#[^\n]*|\\\r?\n
    |\*\*=?|//=?|>>=?|<<=?|[-+*/%@&|^!=<>:]=|->|\S)""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS = frozenset({"True", "False", "None"})
# What is only shown or logged is no configuration.
_SHOWN = frozenset(
    re.findall(
        r"\w+",
        "print display title suptitle set_title xlabel ylabel set_xlabel set_ylabel legend figure "
        "subplots plot scatter hist savefig show info debug warning HTML Markdown",
    )
)
_KEYWORDS = frozenset(kwlist) - _CONSTANTS
_BINDING = frozenset({"for", "as", "import", "from", "def", "class", "global", "del"})
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_QUOTES = frozenset("\"'")
_ASSIGNING = frozenset({"=", ":=", "+=", "-=", "*=", "/=", "//=", "**=", "%=", "@=", "|=", "&="})


@dataclass(frozen=True, slots=True)
class Code:
    """Three hashes of a cell, as 16 hex digits each.

    Args:
        code_hash: the code without comments, layout and measuring magics.
        skeleton_hash: the same with every literal replaced by one placeholder.
        config_hash: the literals in order, and the plain values read from the namespace.
    """

    code_hash: str
    skeleton_hash: str
    config_hash: str


@dataclass(frozen=True, slots=True)
class _Parsed:
    code: Code
    reads: tuple[str, ...]


_cache: dict[bytes, _Parsed] = {}


def fingerprint(source: str, namespace: Mapping[str, object] | None = None) -> Code:
    """The hashes of a cell's source; any text has them, whether it is valid Python or not.

    Args:
        source: the cell as typed, magics included.
        namespace: the user's variables before the run; plain values that the cell reads and
            does not assign join `config_hash`.
    """
    text = source.encode("utf-8", "surrogatepass")
    key = blake2b(text, digest_size=16).digest()
    parsed = _cache.get(key)
    if parsed is None:
        parsed = _parse(source)
        if len(_cache) >= _CACHED:
            _cache.pop(next(iter(_cache)), None)
        _cache[key] = parsed
    if not namespace or not parsed.reads:
        return parsed.code
    values = [
        f"{name}={plain}"
        for name in parsed.reads
        if (plain := _plain(namespace.get(name))) is not None
    ]
    if not values:
        return parsed.code
    code = parsed.code
    config = _hash([code.config_hash, *values])
    return Code(code.code_hash, code.skeleton_hash, config)


def lineage_of(label: str | None, cell_id: str | None, skeleton_hash: str | None) -> str:
    """The experiment a run belongs to: its label, else its cell, else its code skeleton."""
    return label or cell_id or skeleton_hash or "unnamed"


def _hash(parts: list[str]) -> str:
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=8).hexdigest()


def _plain(value: object) -> str | None:
    """A value short enough to be a hyper-parameter, as text; None for anything else."""
    kind = type(value)  # exact types: a subclass may have a repr with side effects
    if kind in (int, float, bool):
        return repr(value) if kind is not int or abs(value) < 1 << 64 else None  # type: ignore[arg-type]
    if kind is str:
        return repr(value) if len(value) <= 200 else None  # type: ignore[arg-type]
    if kind in (tuple, list) and len(value) <= 16:  # type: ignore[arg-type]
        items = [_plain(item) for item in value]  # type: ignore[attr-defined]
        return None if None in items else f"({','.join(item for item in items if item)})"
    return None


def _number(text: str) -> str:
    """One spelling for 1e-3, 0.001 and 1_000e-6."""
    try:
        return repr(float(text))
    except ValueError:
        return text.lower()


def _parse(source: str) -> _Parsed:
    rest = source[_LONGEST:]
    text = source[:_LONGEST]
    if "%" in text:
        text = _DROPPED.sub("", text)
    exact: list[str] = []
    skeleton: list[str] = []
    config: list[str] = []
    read: dict[str, None] = {}
    assigned: set[str] = set()
    shown: list[bool] = []  # one entry per open bracket: inside a call that only shows?
    handed: list[bool] = []  # likewise: inside a call's arguments or an index, assigned to never?
    previous = ""  # the last token; the empty text at a line's start
    target = False  # between `for` and `in`, or after `as`, `import`: names are assigned
    line: list[str] = []  # the names of this line so far: what an `=` assigns
    fresh = ""  # the newest name in `read`, until the next token says what it is
    pending = ""  # a line break that counts only if code follows
    for token in _TOKEN.findall(text):
        first = token[0]
        if first == "#" or (first == "\\" and len(token) > 1):
            continue
        if first == "\n":
            if not shown:
                pending = token
                target = False
            continue
        if pending:
            if exact:
                exact.append(pending)
                skeleton.append(pending)
            pending, previous = "", ""
            line.clear()
        exact.append(token)
        text_like = token[-1] in _QUOTES
        if text_like or token in _CONSTANTS or first.isdigit() or (first == "." != token):
            formatted = text_like and "f" in token[:2].lower() and first not in _QUOTES
            docstring = text_like and previous == "" and not shown
            if not (formatted or docstring or (shown and shown[-1])):
                config.append(_unary_minus(skeleton) + (token if text_like else _number(token)))
            if len(skeleton) > 1 and skeleton[-1] == "," and skeleton[-2] == _LITERAL:
                skeleton.pop()  # a longer list of values is the same code
            else:
                skeleton.append(_LITERAL)
            previous = token
            continue
        skeleton.append(token)
        if first == "_" or first.isalpha():
            fresh = ""
            if token in _KEYWORDS:
                target = token in _BINDING
            elif target:
                assigned.add(token)
            elif previous != "." and not (shown and shown[-1]):
                if not (handed and handed[-1]):
                    line.append(token)
                if token not in read:
                    read[token] = None
                    fresh = token
        elif token in _OPENING:
            named = previous.isidentifier() and previous not in _KEYWORDS
            handed.append(bool(handed and handed[-1]) or named or previous in _CLOSING)
            shown.append(bool(shown and shown[-1]) or (token == "(" and previous in _SHOWN))
            if token == "(" and fresh == previous:
                read.pop(fresh, None)  # a function is no plain value
        elif token in _CLOSING:
            if shown:
                shown.pop()
                handed.pop()
        elif token == ".":
            if fresh == previous:
                read.pop(fresh, None)
        elif token in _ASSIGNING:
            if not shown or token == ":=":
                assigned.update(line if token != ":=" else [previous])
            elif fresh == previous:
                read.pop(fresh, None)  # the name of a keyword argument
        previous = token
    if rest:
        tail = blake2b(rest.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        exact.append(tail)
        config.append(tail)
    reads = tuple(sorted(name for name in read if name not in assigned))
    return _Parsed(Code(_hash(exact), _hash(skeleton), _hash(config)), reads)


def _unary_minus(skeleton: list[str]) -> str:
    """Takes the sign of a negative literal off the skeleton, so that -1 and 1 are one code."""
    if not skeleton or skeleton[-1] != "-":
        return ""
    before = skeleton[-2] if len(skeleton) > 1 else "("
    if before == _LITERAL or before in _CLOSING or (before[-1:].isalnum()):
        return ""
    skeleton.pop()
    return "-"
