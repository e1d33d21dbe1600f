"""The share of mutants that the tests killed: reads `mutmut results --all true`."""

import re
import sys
from collections import Counter

KILLED = {"killed", "timeout", "segfault", "suspicious"}


def main(lines):
    """Print a table; 1 where fewer than 85 % of all were killed."""
    killed, every = Counter(), Counter()
    for line in lines:
        found = re.match(r"\s*(ipyfootprint[\w.]*?)\.x.*?__mutmut_\d+: ([\w ]+)", line)
        if found:
            every[found[1]] += 1
            killed[found[1]] += found[2].strip() in KILLED
    print("| file | mutants | killed |\n|---|---|---|")
    for name in sorted(every):
        print(f"| {name} | {every[name]} | {killed[name] / every[name]:.0%} |")
    share = sum(killed.values()) / max(1, every.total())
    print(f"| all | {every.total()} | {share:.1%} |")
    return int(share < 0.85)


if __name__ == "__main__":
    sys.exit(main(sys.stdin))
