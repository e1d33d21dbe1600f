"""Identifiers: time-ordered ones for rows, and hashes that name without telling."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from pathlib import Path


def uuid7(now_ns: int | None = None) -> str:
    """A UUID version 7 (RFC 9562, 2024): 48 bits of Unix milliseconds, the rest random."""
    now_ms = (time.time_ns() if now_ns is None else now_ns) // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (now_ms & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (random >> 68) << 64
    value |= 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def short_hash(*parts: object) -> str:
    """Sixteen hexadecimal digits that stand for the parts and do not give them away."""
    joined = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=8).hexdigest()


def user_id() -> str:
    """A name for this user on this machine that is neither the user's nor the machine's."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return short_hash(user, machine_id())


def machine_id(root: str = "/") -> str:
    """What the system calls this installation; the host's name where it says nothing."""
    return _read(Path(root) / "etc/machine-id") or platform.node()


def boot_id(root: str = "/") -> str | None:
    """What the system calls this boot, so that a process id means something; or None."""
    return _read(Path(root) / "proc/sys/kernel/random/boot_id")


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except OSError:
        return None
