"""Whether a folder is a place for a ledger: SQLite's shared memory needs a disk of this host."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# file systems whose files live on another host, by the names of Linux, macOS and Windows
_NETWORK = (
    *("nfs", "nfs3", "nfs4", "cifs", "smbfs", "smb2", "smb3", "afs", "afpfs", "webdav", "9p"),
    *("lustre", "gpfs", "beegfs", "ceph", "glusterfs", "pvfs2", "orangefs", "ncpfs", "coda"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse"),
    *("fuse.davfs", "davfs", "fuse.smbnetfs", "fuse.juicefs", "macfuse"),
)

Mount = tuple[str, str, str]  # where it is mounted, its type, its options


def network_filesystem(path: Path, mounts: Iterable[Mount] | None = None) -> str | None:
    """The type of the network file system that a path is on; None on a disk of this host.

    Args:
        path: a file or folder; what of it does not exist yet lies where its parent does.
        mounts: what is mounted; None asks the system.
    """
    place = str(path.resolve())
    if place.startswith("\\\\"):
        return "a network share"
    found = max(
        (m for m in (_mounts() if mounts is None else mounts) if _is_under(place, m[0])),
        key=lambda mount: len(mount[0]),
        default=("", "", ""),
    )
    _, kind, options = found
    if "remote" in options.split(","):  # Windows: a mapped drive
        return kind or "a network drive"
    return kind if kind.lower() in _NETWORK else None


def _is_under(place: str, mounted: str) -> bool:
    return (
        place == mounted
        or place.startswith(mounted.rstrip("/\\") + "/")
        or ("\\" in mounted and place.startswith(mounted))
    )


def _mounts() -> list[Mount]:
    import psutil

    try:
        return [(m.mountpoint, m.fstype, m.opts) for m in psutil.disk_partitions(all=True)]
    except (OSError, psutil.Error):
        return []
