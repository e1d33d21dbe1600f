"""Live carbon-intensity services: what each is asked and how its answer is read.

Nothing here opens a connection: each provider is given a `get` by grid.live.
"""

from ipyfootprint.grid.providers.base import Provider, Slot
from ipyfootprint.grid.providers.eia import EIA
from ipyfootprint.grid.providers.electricity_maps import ElectricityMaps
from ipyfootprint.grid.providers.energy_charts import EnergyCharts
from ipyfootprint.grid.providers.entsoe import ENTSOE
from ipyfootprint.grid.providers.gb import GreatBritain
from ipyfootprint.grid.providers.watttime import WattTime

#: In order of preference: consumption-based and lifecycle first.
PROVIDERS: tuple[Provider, ...] = (
    ElectricityMaps(),
    EnergyCharts(),
    ENTSOE(),
    EIA(),
    GreatBritain(),
    WattTime(),
)

__all__ = [
    "EIA",
    "ENTSOE",
    "PROVIDERS",
    "ElectricityMaps",
    "EnergyCharts",
    "GreatBritain",
    "Provider",
    "Slot",
    "WattTime",
]
