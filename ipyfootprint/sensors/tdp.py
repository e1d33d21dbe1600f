"""Thermal design power of a processor by the name it gives itself."""

from __future__ import annotations

import os

TABLE = os.path.join(os.path.dirname(__file__), "data", "cpu_tdp.txt")
_DROPPED = frozenset({"intel", "amd", "apple", "cpu", "processor", "gen", "apu"})
_TIMES = ("dual", "triple", "quad", "six", "eight", "twelve", "sixteen")


def key(name: str) -> str:
    """The part of a processor's name that tells it apart, in lower case.

    "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz" gives "xeon gold 6230".
    """
    low = name.lower().replace("(r)", " ").replace("(tm)", " ")
    low = low.split("@")[0].split(" with ")[0].split(" w/ ")[0]
    return " ".join(word for word in low.split() if not _says_little(word))


def _says_little(word: str) -> bool:
    if word in _DROPPED:
        return True
    stem, _, rest = word.partition("-")
    if rest == "core" and (stem.isdigit() or stem in _TIMES):
        return True
    return word[:-2].isdigit() and word[-2:] in ("st", "nd", "rd", "th")


def tdp_w(name: str, table: str = TABLE) -> float | None:
    """Watts of one socket; None for a name that the packaged table does not hold.

    The table's lines are "watts<TAB>name|name|...": read as a stream, kept nowhere.
    """
    wanted = key(name)
    try:
        with open(table, encoding="ascii") as lines:
            for line in lines:
                watts, _, names = line.rstrip("\n").partition("\t")
                if not line.startswith("#") and wanted in names.split("|"):
                    return float(watts)
    except (OSError, ValueError):
        return None
    return None
