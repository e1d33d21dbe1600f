"""A function of a bench, called in a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

_CALL = """
import importlib, json, sys
module, _, name = sys.argv[1].partition(":")
answer = getattr(importlib.import_module(module), name)(*json.loads(sys.argv[2]))
print("\\x1e" + json.dumps(answer), flush=True)
import os
os._exit(0)  # some tools keep threads that wait for the network
"""


def in_child(
    function: str,
    *arguments: object,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 240.0,
) -> Any:
    """What `function` ("module:name") answers, or None with its last words on stderr."""
    known = {**os.environ, "IPYTHONDIR": "/tmp/ipython-bench", **(env or {})}
    known.pop("PYTHONDONTWRITEBYTECODE", None)  # people's interpreters keep their bytecode
    command = [sys.executable, "-c", _CALL, function, json.dumps(arguments)]
    try:
        done = subprocess.run(command, env=known, capture_output=True, text=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        print(f"{function}: not ended in {timeout_s:.0f} s", file=sys.stderr)
        return None
    head, mark, answer = done.stdout.rpartition("\x1e")
    if not mark:
        print(f"{function}: {(done.stderr or head).strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(answer)
