"""Compiles the simulated hardware once for each version of its source."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMPILER = shutil.which("cc") or shutil.which("gcc")


def built(source: str, target: str, *flags: str) -> Path:
    """The compiled file in a folder of its own, made when it is not there yet.

    Raises:
        RuntimeError: there is no C compiler, or it refused the source.
    """
    if COMPILER is None:
        raise RuntimeError("no C compiler: apt-get install gcc libc6-dev")
    bodies = [(HERE / name).read_bytes() for name in ("trace.h", source)]
    digest = hashlib.sha256(b"".join(bodies) + repr(flags).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"footprint-simulator-{os.getuid()}-{digest}"
    path = folder / target
    if not path.exists():
        folder.mkdir(mode=0o755, exist_ok=True)
        fresh = folder / f"{target}.{os.getpid()}"
        command = [COMPILER, "-O2", "-Wall", *flags, "-o", str(fresh), str(HERE / source), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the compiler refused {source}: {done.stderr}")
        fresh.replace(path)  # in one step: two test processes may build at once
    return path


def nvml_library() -> Path:
    """The simulated libnvidia-ml.so.1."""
    soname = "libnvidia-ml.so.1"
    return built("nvml_sim.c", soname, "-shared", "-fPIC", f"-Wl,-soname,{soname}")


def powercap_mover() -> Path:
    """The program that moves the counters of a simulated powercap tree."""
    return built("powercap_mover.c", "powercap_mover")
