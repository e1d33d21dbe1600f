"""From the outbox to the team's server, beside the kernel and never in a cell's way.

The thread looks every few seconds whether something waits. A server that does not answer is
asked again ever more rarely, at times that differ from kernel to kernel; rows wait in the local
ledger meanwhile. Several publishers may share a ledger: what both send is kept once.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from ipyfootprint.errors import FootprintError
from ipyfootprint.ids import short_hash
from ipyfootprint.ledger.identity import Identity, outgoing
from ipyfootprint.ledger.outbox import Batch, Columns, Outbox
from ipyfootprint.ledger.refusals import is_about_a_row

EVERY_S = 5.0
AT_MOST_S = 300.0
FLUSH_S = 2.0
BATCH = 1000


class Server(Protocol):
    """What rows are sent to."""

    def who(self) -> tuple[str, str]:
        """The person's pseudonym and the team's key."""

    def send(self, tables: Mapping[str, Columns]) -> None:
        """Keep rows, once each; returns when they are safe."""

    def close(self) -> None:
        """Release what is held; harmless when called twice."""


def server_of(address: str) -> Server:
    """The team's server at an address.

    Raises:
        ConfigError: the address cannot be used, or the extra is not installed.
    """
    from ipyfootprint.ledger.team_server import TeamServer

    return TeamServer(address)


class Publisher:
    """Sends what waits in one ledger to one server.

    Args:
        path: the ledger's file.
        address: of the team's server.
        share: words of `config.values.SHAREABLE` that the person switched on.
        server: makes the server, at the first use.
        batch: rows sent at once.
        nap_s: pause between two batches, so that a long backlog leaves the kernel alone.
        notice: told why a try failed; must not raise.
    """

    def __init__(
        self,
        path: str,
        address: str,
        share: str = "",
        *,
        server: Callable[[str], Server] = server_of,
        batch: int = BATCH,
        nap_s: float = 0.0,
        notice: Callable[[FootprintError], None] | None = None,
    ) -> None:
        self._path, self._address = path, address
        self._share = frozenset(share.split())
        self._make, self._batch, self._nap_s = server, batch, nap_s
        self._notice = notice
        self._server: Server | None = None
        self._outbox: Outbox | None = None
        self._who: Identity | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def send_all(self, told: Callable[[int], object] = lambda rows: None) -> int:
        """Send everything that waits; returns how many rows the server acknowledged.

        Args:
            told: called after each batch with how many rows it was.

        Raises:
            FootprintError: the server or the ledger cannot be used now; the rows that were
                not acknowledged still wait.
        """
        sent = 0
        outbox = self._outbox = self._outbox or Outbox(self._path)
        try:
            while len(batch := outbox.take(self._batch)):
                sent += self._send(batch, outbox)
                told(len(batch))
                if len(batch) >= self._batch and self._stopping.wait(self._nap_s):
                    break
            if sent or outbox.recall("problem"):
                now = datetime.now(UTC).isoformat(timespec="seconds")
                outbox.remember(success=now, problem=None)
        except FootprintError as error:
            outbox.remember(problem=str(error))
            raise
        return sent

    def tried(self) -> bool:
        """Send everything that waits, or keep why not for `status`; never raises."""
        try:
            self.send_all()
        except FootprintError as error:
            self._drop_server()
            if self._notice is not None:
                self._notice(error)
            return False
        except Exception as error:  # a fault of ours must not end the thread in silence
            self._remember(f"The publisher failed ({type(error).__name__})")
            return False
        return True

    def start(self) -> None:
        """Go on sending in the background, until `close`."""
        self._thread = threading.Thread(target=self._run, name="ipyfootprint-team", daemon=True)
        self._thread.start()

    def close(self, within_s: float = FLUSH_S) -> None:
        """Send what still waits, for so many seconds at most; harmless when called twice."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(within_s)
        else:
            self._release()

    def _run(self) -> None:
        failures, last = 0, False
        while not last:
            last = self._stopping.wait(pause_s(failures))
            failures = 0 if self.tried() else failures + 1
        self._release()

    def _send(self, batch: Batch, outbox: Outbox) -> int:
        """Send a batch; a row that the server refuses for good is found and put aside."""
        server = self._server = self._server or self._make(self._address)
        try:
            server.send(outgoing(batch, self._identity(server, outbox)))
        except FootprintError as error:
            if not is_about_a_row(error):
                raise
            if len(batch) == 1:
                outbox.mark(batch, refused=True)
                outbox.remember(refusal=str(error))
                return 0
            return sum(self._send(half, outbox) for half in batch.halves())
        outbox.mark(batch)
        return len(batch)

    def _identity(self, server: Server, outbox: Outbox) -> Identity:
        if self._who is None:
            user_id, key = server.who()
            outbox.remember(**{identity_name(self._address): f"{user_id} {key}"})
            self._who = Identity(user_id, key, self._share)
        return self._who

    def _remember(self, problem: str) -> None:
        try:
            if self._outbox is not None:
                self._outbox.remember(problem=problem)
        except FootprintError:
            return

    def _drop_server(self) -> None:
        if self._server is not None:
            self._server.close()

    def _release(self) -> None:
        self._drop_server()
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None


def identity_name(address: str) -> str:
    """Under which name a ledger remembers who its person is to a server."""
    return f"who.{short_hash(address)}"


def send_for_ever(publisher: Publisher, sleep: Callable[[float], None] = time.sleep) -> None:
    """Send in the foreground, until interrupted."""
    failures = 0
    while True:
        failures = 0 if publisher.tried() else failures + 1
        sleep(pause_s(failures))


def pause_s(failures: int) -> float:
    """Seconds until the next look: ever longer after failures, at times that differ by process."""
    if failures == 0:
        return EVERY_S
    return min(AT_MOST_S, EVERY_S * 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)
