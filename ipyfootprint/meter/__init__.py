"""From counters to the energy of a window: sampler, ring and settling.

Edge and Meter are looked up at first use: the sampler imports this room too, and has no use
for the kernel's side of it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipyfootprint.meter.meter import Edge as Edge
    from ipyfootprint.meter.meter import Meter as Meter

__all__ = ["Edge", "Meter"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from ipyfootprint.meter import meter

        return getattr(meter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
