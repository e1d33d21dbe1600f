"""`ipyfootprint metrics`: the ledger's totals for Prometheus, on the loopback address."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from ipyfootprint.config import Settings, load
from ipyfootprint.errors import ConfigError, FootprintError

if TYPE_CHECKING:
    from ipyfootprint.ledger.sqlite_file import Fetch

TYPE = "text/plain; version=0.0.4; charset=utf-8"
# metric -> (column, in base units, help); all are counters: the ledger only grows
METRICS = {
    "footprint_runs_total": ("n", 1, "Closed runs."),
    "footprint_runs_failed_total": ("n_failed", 1, "Runs that failed or were stopped."),
    "footprint_energy_joules_total": ("energy_uj", 1e6, "Energy of runs."),
    "footprint_energy_measured_joules_total": (
        *("energy_measured_uj", 1e6),
        "The part of the energy that counters measured; the rest is modelled.",
    ),
    "footprint_operational_grams_total": ("operational_ug", 1e6, "Operational carbon, gCO2e."),
    "footprint_embodied_grams_total": ("embodied_ug", 1e6, "Embodied carbon, gCO2e."),
    "footprint_run_seconds_total": ("duration_us", 1e6, "Running time."),
}
LABELS = ("project", "phase", "hardware_id")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=9435, help="port to listen on (default: 9435)")
    parser.add_argument("--once", action="store_true", help="print the metrics and end")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted, or print once.

    Raises:
        ConfigError: the address is taken or not one of this machine.
        LedgerError: there is no ledger, or it cannot be read.
    """
    read = source_of(load()[0])
    text = exposition(read())
    if args.once:
        sys.stdout.write(text)
        return 0
    try:
        server = serve(read, args.host, args.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "ports go from 0 to 65535"
        raise ConfigError(
            f"{args.host}:{args.port} cannot be listened on ({reason})",
            "nothing was started",
            "Name another with --host and --port.",
        ) from None
    print(f"http://{args.host}:{server.server_port}/metrics", flush=True)
    with server:
        server.serve_forever()
    return 0


def source_of(settings: Settings) -> Callable[[], Fetch]:
    """Gives what answers statements: one connection to the team's server, or the file of now."""
    from ipyfootprint.ledger.reading import read_file, read_server

    if settings.team:
        server = read_server(settings.team)
        return lambda: server
    return lambda: read_file(settings.ledger)


def serve(read: Callable[[], Fetch], host: str, port: int) -> ThreadingHTTPServer:
    """A server that answers /metrics; the caller runs it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer one scrape."""
            if self.path.partition("?")[0] != "/metrics":
                return self.send_error(404)
            try:
                body = exposition(read()).encode()
            except FootprintError as error:
                return self.send_error(503, str(error).splitlines()[0][:200])
            self.send_response(200)
            self.send_header("Content-Type", TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A scrape every few seconds is no news."""

    return ThreadingHTTPServer((host, port), Handler)


def exposition(fetch: Fetch) -> str:
    """The totals in Prometheus' text format, by project, phase and kind of machine.

    Raises:
        LedgerError: there is no ledger, or it cannot be read.
    """
    sums = ", ".join(f"sum({column}) AS {column}" for column, _, _ in METRICS.values())
    labels = ", ".join(LABELS)
    rows = fetch(
        f"SELECT {labels}, {sums} FROM rollup_month GROUP BY {labels} ORDER BY 1, 2, 3", {}
    )
    lines = []
    for name, (column, scale, text) in METRICS.items():
        lines += [f"# HELP {name} {text}", f"# TYPE {name} counter"]
        for row in rows:
            marks = ",".join(f'{label}="{_escaped(row[label])}"' for label in LABELS)
            lines.append(f"{name}{{{marks}}} {float(row[column]) / scale:.17g}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
