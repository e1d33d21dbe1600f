"""Starting and ending the sampler's process from the kernel."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY = Path(__file__).with_name("entry.py")
PACKAGES = str(ENTRY.parent.parent.parent)
END_S = 0.5


class Child:
    """A running sampler.

    Args:
        board_fd: descriptor of the shared memory.
        root: folder that stands for "/".
        ledger: the ledger's path, or "".
        env: environment of the kernel.

    Raises:
        OSError: no process can be started here.
    """

    def __init__(self, board_fd: int, root: str, ledger: str, env: Mapping[str, str]) -> None:
        if os.name != "posix" or not sys.executable:
            raise OSError("a sampler of its own is started on POSIX systems only")
        wake_fd, self._wake_fd = os.pipe()
        try:
            os.set_blocking(self._wake_fd, False)
            command = [
                *(sys.executable, "-I", "-S", str(ENTRY)),
                *(str(board_fd), str(wake_fd), str(os.getpid()), root, ledger),
                *(PACKAGES, *(path for path in sys.path if path and path != PACKAGES)),
            ]
            # Its own session: an interrupt of the kernel's group does not reach it.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=dict(env),
                pass_fds=(board_fd, wake_fd),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._wake_fd)
            raise
        finally:
            os.close(wake_fd)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def wake(self) -> None:
        """Let it look at the board; a full pipe means that it was told already."""
        with contextlib.suppress(OSError):
            os.write(self._wake_fd, b"!")

    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Wait for it to go, not for long, and release what belongs to it."""
        if self._wake_fd < 0:
            return
        self.wake()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._wake_fd)
        self._wake_fd = -1
