"""The share of mutants that the tests killed: reads `mutmut results --all true`."""

import re
import sys
from collections import Counter

KILLED = {"killed", "timeout", "segfault", "suspicious"}
REFUSED = "caught by type check"
LEAST = 0.85


def main(lines):
    """Print a table; 1 where fewer than 85 % of a room's mutants were killed.

    Mutants that the type checker refuses are no tests' merit and count on neither side.
    """
    killed, every, refused = Counter(), Counter(), Counter()
    for line in lines:
        found = re.match(r"\s*ipyfootprint\.([\w.]*?)\.x.*?__mutmut_\d+: ([\w ]+)", line)
        if not found:
            continue
        file, word = found[1], found[2].strip()
        room = file.partition(".")[0]
        for name in {file, room}:
            refused[name] += word == REFUSED
            every[name] += word != REFUSED
            killed[name] += word in KILLED
    print("| file or room | mutants | refused by types besides | killed |\n|---|---|---|---|")
    for name in sorted(every):
        share = killed[name] / max(1, every[name])
        print(f"| {name} | {every[name]} | {refused[name]} | {share:.1%} |")
    rooms = [name for name in every if "." not in name]
    return int(not rooms or any(killed[room] < LEAST * every[room] for room in rooms))


if __name__ == "__main__":
    sys.exit(main(sys.stdin))
