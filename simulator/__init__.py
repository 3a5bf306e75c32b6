"""AIceberg: a discrete-event simulator of AI infrastructure, the hidden part of the iceberg included.

    import simulator as sim
    result = sim.run("scenarios/talk/stable_diffusion_v1.yaml")
    result.summary, result.ticks(tick="1 h"), result.jobs, sim.compare(result)

Nothing heavy is imported until it is used.
"""

from typing import Any

__version__ = "0.1.0"

__all__ = [
    *("Probe", "Results", "SimulatorError", "Sweep", "accuracy", "compare", "draw_map", "levers", "lineage", "load"),
    *("open_results", "open_sweep", "repeat", "route", "run", "sweep", "unit_costs"),
]
_IMPACTS = ("levers", "lineage", "unit_costs")
_SWEEPS = ("Sweep", "open_sweep", "repeat", "sweep")


def __getattr__(name: str) -> Any:
    if name == "SimulatorError":
        from simulator.errors import SimulatorError

        return SimulatorError
    if name in _SWEEPS:
        from simulator import sweeps

        return getattr(sweeps, name)
    if name in _IMPACTS:
        from simulator import impacts

        return getattr(impacts, name)
    if name in __all__:
        from simulator import api

        return getattr(api, name)
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
