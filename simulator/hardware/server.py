"""Servers: accelerators and the host around them, in three forms.

From the catalogue (`model:`). The node's watts are at the wall, so power supplies are in:

    host = node_idle_w - n x accelerator idle_w + s x (room at load),
    room at load = (node_max_w - n x tdp_w) - (node_idle_w - n x idle_w)

How far the host climbs at load nobody publishes: s is the assumed row `host-at-load`.
A server without accelerators runs from node_idle_w to node_max_w in proportion to its load.

Part by part (`accelerator:` and `host:`). What the parts draw comes through power supplies:

    wall = (n x accelerator + CPUs + rest) / psu_efficiency,   host = wall - n x accelerator

Metered whole (`node_power:`). The accelerators cannot be told apart from the host: the
boundary `accelerator` is not computed.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from simulator.catalogue import Row, find
from simulator.errors import MissingValueError, UnknownNameError
from simulator.hardware.device import Owner
from simulator.hardware.power import WORDS, Linear, Power, PowerModel, build_power
from simulator.hardware.unit import Component, Unit
from simulator.spec import Count, Fault, Machines, PositiveShare, Ref, Share, Spec, Watts

HOST_AT_LOAD = "host-at-load"
CATALOGUE, PARTS, WHOLE = "server of the catalogue", "server part by part", "server metered whole"


class CatalogueServer(Spec):
    """Identical servers of the catalogue."""

    elsewhere = dict.fromkeys(
        ("accelerator", "accelerators", "host", "psu_efficiency", "node_power"),
        "`model` takes all of a server from the catalogue: leave it out to describe one yourself",
    )
    model: Annotated[str, Ref("server")] = Field(description="a server of the catalogue")
    count: Machines = Field(description="how many servers")
    power: PowerModel = Field(Linear(), description="how much one accelerator draws: constant, linear or stepped")
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")

    def faults(self) -> Iterator[Fault]:
        """A server whose watts the catalogue does not know."""
        yield from _faults(self, build_catalogue_server)


class Host(Spec):
    """What surrounds the accelerators of a server that is described part by part."""

    cpu: Annotated[str, Ref("device")] = Field(description="a CPU of the catalogue")
    cpus: Count = Field(description="how many CPUs")
    power: PowerModel = Field(Linear(), description="how much one CPU draws")
    load: Share = Field(description="load of the CPUs while the accelerators work")
    rest: Watts = Field(description="memory, storage, network cards and fans together")


class PartsServer(Spec):
    """Identical servers described part by part."""

    accelerator: Annotated[str, Ref("device")] = Field(description="a device of the catalogue")
    accelerators: Count = Field(description="accelerators per server")
    host: Host = Field(description="what surrounds them")
    psu_efficiency: PositiveShare = Field(description="watts behind the power supplies over watts at the wall")
    count: Machines = Field(description="how many servers")
    power: PowerModel = Field(Linear(), description="how much one accelerator draws: constant, linear or stepped")
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")

    def faults(self) -> Iterator[Fault]:
        """A part whose watts the catalogue does not know."""
        yield from _faults(self, build_parts_server)


class MeteredServer(Spec):
    """Identical servers of which only the draw of the whole is known."""

    accelerator: Annotated[str, Ref("device")] = Field(description="a device of the catalogue")
    accelerators: Count = Field(description="accelerators per server")
    node_power: PowerModel = Field(description="how much one whole server draws")
    count: Machines = Field(description="how many servers")
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")

    def faults(self) -> Iterator[Fault]:
        """Watts of an accelerator where those of the whole node are meant."""
        for field, value in self.node_power:
            if value is None or value in WORDS:
                sentence = "the catalogue knows watts of one accelerator only; write those of the whole server"
                yield Fault(("node_power", field), sentence)


def server_form(raw: Any) -> str:
    """Which of the three forms a server in the YAML has."""
    if isinstance(raw, dict):
        if "model" in raw:
            return CATALOGUE
        return WHOLE if "node_power" in raw else PARTS if "accelerator" in raw or "host" in raw else CATALOGUE
    return PARTS if isinstance(raw, PartsServer) else WHOLE if isinstance(raw, MeteredServer) else CATALOGUE


ServerGroup = Annotated[
    Annotated[CatalogueServer, Tag(CATALOGUE)]
    | Annotated[PartsServer, Tag(PARTS)]
    | Annotated[MeteredServer, Tag(WHOLE)],
    Discriminator(server_form),
]


def build_catalogue_server(group: CatalogueServer) -> Unit:
    """What one server of the catalogue draws; raises MissingValueError where its watts are unknown."""
    row = find("server", group.model)
    node_idle_w = row.number("node_idle_w", "describe it without `model`, part by part or by its `node_power`")
    if not row.text("accelerator"):
        node_max_w = row.number("node_max_w", "describe it without `model`, by its `node_power`")
        return Unit(
            (Component("host", row, 1),),
            lambda load: (node_idle_w + load * (node_max_w - node_idle_w),),
            None,
            1,
            server=True,
        )
    device, n = find("device", row.text("accelerator")), int(row.number("accelerators_count", "correct the row"))
    accelerator = build_power(group.power, device)
    host = _host(row, device, n, node_idle_w)
    components = (Component("accelerator", device, n), Component("host", row, 1))
    return Unit(components, lambda load: (n * accelerator(load), host(load)), device, n, True, (HOST_AT_LOAD,))


def _host(row: Row, device: Row, n: int, node_idle_w: float) -> Power:
    remedy = "the host cannot be told apart from the node: describe it without `model`, part by part or whole"
    idle_w = node_idle_w - n * device.number("idle_w", remedy)
    share = find("assumption", HOST_AT_LOAD).number("value_share", "correct the row")
    node_max_w, tdp_w = row.find_number("node_max_w"), device.find_number("tdp_w")
    room_w = 0.0 if node_max_w is None or tdp_w is None else max(0.0, node_max_w - n * tdp_w - idle_w)
    return lambda load: idle_w + share * room_w if load > 0 else idle_w


def build_parts_server(group: PartsServer) -> Unit:
    """What one server described part by part draws at the wall, its accelerators apart."""
    device, cpu_row = find("device", group.accelerator), find("device", group.host.cpu)
    accelerator, cpu = build_power(group.power, device), build_power(group.host.power, cpu_row)
    n, cpus, rest_w = group.accelerators, group.host.cpus, group.host.rest
    cpu_load, efficiency = group.host.load, group.psu_efficiency

    def draws(load: float) -> tuple[float, float]:
        accelerators_w = n * accelerator(load)
        behind_w = accelerators_w + cpus * cpu(cpu_load if load > 0 else 0.0) + rest_w
        return accelerators_w, behind_w / efficiency - accelerators_w

    return Unit((Component("accelerator", device, n), Component("host", cpu_row, 1)), draws, device, n, server=True)


def build_metered_server(group: MeteredServer) -> Unit:
    """What one server draws of which only the whole is known."""
    device = find("device", group.accelerator)
    power = build_power(group.node_power, device)
    return Unit((Component("node", device, 1),), lambda load: (power(load),), device, group.accelerators, server=True)


BUILDERS: dict[type[Spec], Any] = {
    CatalogueServer: build_catalogue_server,
    PartsServer: build_parts_server,
    MeteredServer: build_metered_server,
}


def build_server(group: Any) -> Unit:
    """What one server of the group draws, whichever its form."""
    built: Unit = BUILDERS[type(group)](group)
    return built


def _faults(group: Any, build: Any) -> Iterator[Fault]:
    try:
        build(group)
    except MissingValueError as error:
        server_row = "model" in type(group).model_fields and error.row == group.model.lower()
        yield Fault(("model",) if server_row or "power" not in group.model_fields_set else ("power",), str(error))
    except UnknownNameError:
        pass  # reported where references are checked
