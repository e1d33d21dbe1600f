"""What the sampler process writes of a run while it lasts, and when its kernel has died.

Imported in the sampler, whose memory is counted: sqlite3 is loaded at the first write only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from ipyfootprint.model import DeviceEnergy

_UPDATE = """
UPDATE run SET status = :status, duration_us = :duration_us, cpu_time_us = :cpu_time_us,
    devices = :devices, method = :method, energy_uj = :energy_uj, energy_low_uj = :low_uj,
    energy_high_uj = :high_uj, node_energy_uj = :node_uj,
    operational_ug = round(:energy_uj / 3.6e6 * pue * intensity_g_per_kwh),
    operational_low_ug = round(:low_uj / 3.6e6 * pue
        * coalesce(json_extract(intensity, '$.low_g_per_kwh'), intensity_g_per_kwh)),
    operational_high_ug = round(:high_uj / 3.6e6 * pue
        * coalesce(json_extract(intensity, '$.high_g_per_kwh'), intensity_g_per_kwh))
WHERE run_id = :run_id AND status = 'started'
"""


class ProgressWriter:
    """A second hand on the ledger file; it never raises and never edits a closed run.

    Args:
        path: the ledger's file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def progress(
        self, run_id: str, duration_s: float, cpu_ns: int, devices: Mapping[str, DeviceEnergy]
    ) -> bool:
        """Write what a running run has used so far; False where it could not be written."""
        return self._write(run_id, "started", duration_s, cpu_ns, devices)

    def close_run(
        self,
        run_id: str,
        status: str,
        duration_s: float,
        cpu_ns: int,
        devices: Mapping[str, DeviceEnergy],
    ) -> bool:
        """Close a run whose kernel is gone; False where it was closed already or cannot be."""
        return self._write(run_id, status, duration_s, cpu_ns, devices)

    def close(self) -> None:
        """Release the file; harmless when called twice."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _write(
        self,
        run_id: str,
        status: str,
        duration_s: float,
        cpu_ns: int,
        devices: Mapping[str, DeviceEnergy],
    ) -> bool:
        import sqlite3

        from ipyfootprint.ledger.rollups import ADD_RUN

        values = _values(devices) | {
            "run_id": run_id,
            "status": status,
            "duration_us": round(duration_s * 1e6),
            "cpu_time_us": cpu_ns // 1000,
        }
        try:
            if self._db is None:
                uri = f"file:{self._path}?mode=rw"
                self._db = sqlite3.connect(uri, uri=True, timeout=2.0, isolation_level=None)
                self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("BEGIN IMMEDIATE")
            changed = self._db.execute(_UPDATE, values).rowcount
            if changed and status != "started":
                for statement in ADD_RUN:
                    self._db.execute(statement, {"run_id": run_id, "sign": 1})
            self._db.execute("COMMIT")
            return bool(changed)
        except sqlite3.Error:
            self.close()
            return False


def _values(devices: Mapping[str, DeviceEnergy]) -> dict[str, object]:
    """The columns that the devices fill; NULL where no device was read."""
    import json

    known = [d for d in devices.values() if d.energy_j is not None]
    order = ("counter", "integrated", "modelled", "unavailable")
    fields = ("energy_j", "low_j", "high_j", "share", "method", "kind", "label", "shared")
    total: dict[str, object] = dict.fromkeys(("energy_uj", "low_uj", "high_uj", "node_uj"))
    if known:
        for column, name in (("energy_uj", "energy_j"), ("low_uj", "low_j"), ("high_uj", "high_j")):
            total[column] = round(sum((getattr(d, name) or 0.0) * d.share for d in known) * 1e6)
        total["node_uj"] = round(sum(d.energy_j or 0.0 for d in known) * 1e6)
    total["method"] = max((d.method for d in known), key=order.index, default="unavailable")
    total["devices"] = json.dumps(
        {name: {f: getattr(d, f) for f in fields} for name, d in devices.items()}
    )
    return total
