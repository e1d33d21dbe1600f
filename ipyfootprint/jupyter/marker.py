"""The `%%footprint` line: found, taken out of the cell, and its options read.

The line never reaches the interpreter: a pure input transformer blanks it (line numbers
stay right) or drops it where another cell magic follows. The cell then runs as if it had
never been there. A line whose options do not parse stays in place, so that the registered
magic of the same name refuses the cell with IPython's own UsageError.
"""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import dropwhile

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import cell_magic
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from ipyfootprint.errors import FootprintError
from ipyfootprint.model import PHASES

MARKER = "%%footprint"
#: What takes the marker line's place in a cell that is to wait.
STATEMENT = "get_ipython()._ipyfootprint.extension.wait()\n"


@magic_arguments(MARKER[1:])  # IPython puts one more before it
@argument("--label", "-l", help="name of the experiment: runs of one label belong together")
@argument("--phase", "-p", choices=PHASES, help="phase of the life cycle")
@argument("--work", "-w", nargs=2, metavar=("N", "UNIT"), help="work done, e.g. --work 10 epochs")
@argument("--metric", "-m", metavar="NAME", help="variable that holds the outcome metric")
@argument("--plan", type=int, metavar="N", help="how many runs of this experiment are planned")
@argument("--output", "-o", metavar="NAME", help="variable that receives the run")
@argument("--flops", action="store_true", help="count torch's FLOPs and parameters (slows it)")
@argument("--greenest", action="store_true", help="wait for the cleanest start, at most a day")
@argument("--start-before", metavar="HH:MM", help="with --greenest: start by then, local time")
@argument("--quiet", "-q", action="store_true", help="record the run, show nothing")
def read_options(line: str) -> Namespace:
    """Meter this cell: energy, carbon and how they were obtained, under its output."""
    try:
        options = parse_argstring(read_options, line)
    except (ValueError, UsageError) as error:
        raise _refused(str(error), f"{_near(line)}{MARKER}? shows every option.") from None
    if options.label is not None:
        options.label = options.label.strip("'\"")
    if options.work is not None:
        options.work = _work(*options.work)
    if options.plan is not None and options.plan < 1:
        raise _refused(f"--plan {options.plan} is no plan", "Type how many runs, 1 or more.")
    if options.output is not None and not options.output.isidentifier():
        raise _refused(f"-o {options.output} is no variable", "Type the name of one.")
    if options.start_before is not None:
        _start_before(options)
    return options


def _start_before(options: Namespace) -> None:
    from ipyfootprint.jupyter.wait import deadline

    if not options.greenest:
        raise _refused("--start-before says until when --greenest may wait", "Type both.")
    options.start_before = options.start_before.strip("'\"")
    try:
        deadline(options.start_before, datetime.now(UTC), UTC)
    except FootprintError as error:
        raise UsageError(f"{MARKER} --start-before: {error}") from None


def _work(amount: str, unit: str) -> tuple[float, str]:
    try:
        value = float(amount)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise _refused(f"--work {amount} {unit} is no work", "Type e.g. --work 10 epochs.")
    return value, unit


def _refused(what: str, remedy: str) -> UsageError:
    return UsageError(f"{MARKER}: {what}; the cell was not run. {remedy}")


def _near(line: str) -> str:
    """A question for the first word that is nearly an option: "Did you mean --label? "."""
    known = [name for action in read_options.parser._actions for name in action.option_strings]
    for word in line.split():
        if word.startswith("--") and word not in known:
            close = get_close_matches(word, known, n=1)
            return f"Did you mean {close[0]}? " if close else ""
    return ""


def find(lines: list[str]) -> int | None:
    """Index of the marker among the cell's leading blank and `%%` lines, or None."""
    for index, line in enumerate(lines):
        text = line.strip()
        if text == MARKER or text.startswith((MARKER + " ", MARKER + "\t")):
            return index
        if text and not text.startswith("%%"):
            return None
    return None


def options_of(source: str) -> Namespace | None:
    """The options of a cell's marker line; None where it has none or a faulty one."""
    if MARKER not in source:
        return None
    lines = source.splitlines()
    index = find(lines)
    if index is None:
        return None
    try:
        return read_options(lines[index].strip()[len(MARKER) :])
    except UsageError:
        return None


def is_refused(source: str) -> bool:
    """Whether a cell's marker line is faulty: it will not run, so there is nothing to meter."""
    has_one = MARKER in source and find(source.splitlines()) is not None
    return has_one and options_of(source) is None


def remove(lines: list[str]) -> list[str]:
    """The cell's lines without its marker: an IPython input transformer, without side effects."""
    index = find(lines)
    options = None if index is None else options_of("".join(lines))
    if index is None or options is None:
        return lines
    after = index + 1
    while after < len(lines) and not lines[after].strip():
        after += 1
    below = after < len(lines) and lines[after].lstrip().startswith("%%")
    if options.greenest and (below or any(line.strip() for line in lines[:index])):
        # Another magic takes the whole cell; the wait comes before what it becomes.
        rest = list(dropwhile(lambda line: not line.strip(), lines[:index] + lines[index + 1 :]))
        return [STATEMENT, *cell_magic(rest)]
    if below:
        return lines[:index] + lines[after:]
    # A line in its place keeps the line numbers of tracebacks right.
    return [*lines[:index], STATEMENT if options.greenest else "\n", *lines[index + 1 :]]


def is_ours_alone(source: str) -> bool:
    """Whether a cell only talks to us (`%footprint ...`), so that there is nothing to meter."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    ours = ("%footprint", "%load_ext ipyfootprint", "%reload_ext ipyfootprint")
    return bool(lines) and all(line.startswith(ours) for line in lines)
