"""What the sampler's process runs: `python -I -S entry.py BOARD WAKE PID ROOT LEDGER FOLDER..`.

Isolated and without `site`, so that nothing of the user's is run or imported; the folders of
the kernel's packages come as arguments.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # pragma: no cover - no measuring starts without `site`
    sys.path.extend(sys.argv[6:])
    from ipyfootprint import slim

    slim.install()
    from ipyfootprint.meter.sampler import main

    slim.remove()
    main(sys.argv[1:6])
