"""Servers: accelerators and the host around them, in three forms.

From the catalogue (`model:`). The node's watts are at the wall, so power supplies are in:

    host = node_idle_w - n x accelerator idle_w + s x (room at load),
    room at load = (node_max_w - n x tdp_w) - (node_idle_w - n x idle_w)

How far the host climbs at load nobody publishes: s is the scenario's `host_at_load`, else the
assumed row `host-at-load`. The host is what the catalogue's own idle watts leave of the node,
whatever power model the scenario gives to the accelerators.
A server without accelerators runs from node_idle_w to node_max_w in proportion to its load.

Part by part (`accelerator:` and `host:`). What the parts draw comes through power supplies:

    wall = (n x accelerator + CPUs + rest) / psu_efficiency,   host = wall - n x accelerator

Metered whole (`node_power:`). The accelerators cannot be told apart from the host: the
boundary `accelerator` is not computed.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Discriminator, Field, Tag

from simulator.catalogue import Row, doubts, find, rows
from simulator.errors import MissingValueError, UnknownNameError
from simulator.hardware.device import Owner, find_device, kind_faults
from simulator.hardware.fabric import FabricName, Ports, fabric_presence, find_node_fabric, find_row_fabric
from simulator.hardware.power import PowerModel, build_power, catalogue_fields, power_doubts, power_faults
from simulator.hardware.power_cap import build_slow_down, law_doubts
from simulator.hardware.power_fields import Power
from simulator.hardware.power_levels import Linear
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
    power: PowerModel = Field(Linear(), description="how much one accelerator draws")
    host_at_load: Share | None = Field(
        None, description="how far the host climbs towards its highest draw at load; `host-at-load` if left out"
    )
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")
    fabric: FabricName = None
    ports: Ports = None

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """A fabric without ports, or ports without a fabric."""
        yield from fabric_presence(raw)

    def faults(self) -> Iterator[Fault]:
        """A server whose watts the catalogue does not know, or whose accelerators draw more than it can."""
        row = rows("server").get(self.model.lower())
        if row is None:
            return
        at = ("power",) if "power" in self.model_fields_set else ("model",)
        try:
            device = node_of(row).device
        except MissingValueError as error:
            yield Fault(("model",), str(error))
            return
        faults = [] if device is None else list(power_faults(self.power, device, at))
        yield from faults or _overload(self, row)


class Host(Spec):
    """What surrounds the accelerators of a server that is described part by part."""

    cpu: Annotated[str, Ref("device")] = Field(description="a CPU of the catalogue")
    cpus: Count = Field(description="how many CPUs")
    power: PowerModel = Field(Linear(), description="how much one CPU draws")
    load: Share = Field(description="load of the CPUs while the accelerators work")
    rest: Watts = Field(description="memory, storage, network cards and fans together")

    def faults(self) -> Iterator[Fault]:
        """A CPU that is none, or whose watts the catalogue does not know."""
        row = find_device(self.cpu)
        yield from kind_faults(self.cpu, "host", "cpu")
        if row is not None:
            yield from power_faults(self.power, row, ("power",) if "power" in self.model_fields_set else ("cpu",))


class PartsServer(Spec):
    """Identical servers described part by part."""

    accelerator: Annotated[str, Ref("device")] = Field(description="a device of the catalogue")
    accelerators: Count = Field(description="accelerators per server")
    host: Host = Field(description="what surrounds them")
    psu_efficiency: PositiveShare = Field(description="watts behind the power supplies over watts at the wall")
    count: Machines = Field(description="how many servers")
    power: PowerModel = Field(Linear(), description="how much one accelerator draws")
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")
    fabric: FabricName = None
    ports: Ports = None

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """A fabric without ports, or ports without a fabric."""
        yield from fabric_presence(raw)

    def faults(self) -> Iterator[Fault]:
        """An accelerator that is none, or whose watts the catalogue does not know."""
        row = find_device(self.accelerator)
        yield from kind_faults(self.accelerator, "accelerator", "accelerator")
        if row is not None:
            at = ("power",) if "power" in self.model_fields_set else ("accelerator",)
            yield from power_faults(self.power, row, at)


class MeteredServer(Spec):
    """Identical servers of which only the draw of the whole is known."""

    accelerator: Annotated[str, Ref("device")] = Field(description="a device of the catalogue")
    accelerators: Count = Field(description="accelerators per server")
    node_power: PowerModel = Field(description="how much one whole server draws")
    count: Machines = Field(description="how many servers")
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")
    fabric: FabricName = None
    ports: Ports = None

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """A fabric without ports, or ports without a fabric."""
        yield from fabric_presence(raw)

    def faults(self) -> Iterator[Fault]:
        """Watts of an accelerator where those of the whole node are meant, or an accelerator that is none."""
        yield from kind_faults(self.accelerator, "accelerator", "accelerator")
        for path, _ in catalogue_fields(self.node_power):
            sentence = "the catalogue knows watts of one accelerator only; write those of the whole server"
            yield Fault(("node_power", *path), sentence)


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


class Node(NamedTuple):
    """What a server's row says of it as a whole; accelerators are none where `device` is None."""

    device: Row | None
    accelerators: int
    idle_w: float
    max_w: float | None
    host_idle_w: float


def node_of(row: Row) -> Node:
    """The watts of a server of the catalogue; raises MissingValueError where they are unknown."""
    idle_w = row.number("node_idle_w", "describe it without `model`, part by part or by its `node_power`")
    if not row.text("accelerator"):
        max_w = row.number("node_max_w", "describe it without `model`, by its `node_power`")
        return Node(None, 0, idle_w, max_w, idle_w)
    device, n = find("device", row.text("accelerator")), int(row.number("accelerators_count", "correct the row"))
    remedy = "the host cannot be told apart from the node: describe it without `model`, part by part or whole"
    host_idle_w = idle_w - n * device.number("idle_w", remedy)
    return Node(device, n, idle_w, row.find_number("node_max_w"), host_idle_w)


def build_catalogue_server(group: CatalogueServer) -> Unit:
    """What one server of the catalogue draws; raises MissingValueError where its watts are unknown."""
    row = find("server", group.model)
    node = node_of(row)
    if node.device is None:
        idle_w, room_w = node.idle_w, (node.max_w or node.idle_w) - node.idle_w
        assumed = doubts(row, "node_idle_w", "node_max_w")
        whole = (Component("host", row, 1),)
        return Unit(whole, lambda load, memory=0.0: (idle_w + load * room_w,), None, 1, True, assumed)
    n, accelerator, host = node.accelerators, build_power(group.power, node.device), _host(node, group.host_at_load)
    components = (Component("accelerator", node.device, n), Component("host", row, 1))
    assumed = () if group.host_at_load is not None else (HOST_AT_LOAD,)
    if host(1.0) != host(0.0):  # else the room at load comes to nothing
        assumed = (*assumed, *doubts(row, "node_max_w"), *doubts(node.device, "tdp_w"))
    of_device = (*doubts(node.device, "idle_w"), *power_doubts(group.power, node.device))
    return Unit(
        components,
        lambda load, memory=0.0: (n * accelerator(load, memory), host(load, memory)),
        node.device,
        n,
        server=True,
        assumptions=tuple(dict.fromkeys((*assumed, *doubts(row, "node_idle_w"), *of_device))),
        slow_down=build_slow_down(group.power, node.device),
        slow_down_assumptions=law_doubts(group.power, node.device),
    )


def _host(node: Node, given: float | None) -> Power:
    assert node.device is not None, "a host surrounds accelerators"
    share = find("assumption", HOST_AT_LOAD).number("value_share", "correct the row") if given is None else given
    idle_w, tdp_w = node.host_idle_w, node.device.find_number("tdp_w")
    room_w = 0.0
    if node.max_w is not None and tdp_w is not None:
        room_w = max(0.0, node.max_w - node.accelerators * tdp_w - idle_w)
    return lambda load, memory=0.0: idle_w + share * room_w if load > 0 or memory > 0 else idle_w


def _overload(group: CatalogueServer, row: Row) -> Iterator[Fault]:
    """A power model of the scenario's by which the node would draw more than its row says it can."""
    max_w = row.find_number("node_max_w")
    try:
        drawn_w = build_catalogue_server(group).draws(1.0, 1.0)
    except UnknownNameError:  # told where names are checked
        return
    if "power" in group.model_fields_set and max_w is not None and sum(drawn_w) > max_w * (1 + 1e-9):
        parts = " + ".join(f"{power_w:g} W" for power_w in drawn_w)
        yield Fault(("power",), f"accelerators and host, {parts}, are more than {row.id} can draw, {max_w:g} W")


def build_parts_server(group: PartsServer) -> Unit:
    """What one server described part by part draws at the wall, its accelerators apart."""
    device, cpu_row = find("device", group.accelerator), find("device", group.host.cpu)
    accelerator, cpu = build_power(group.power, device), build_power(group.host.power, cpu_row)
    n, cpus, rest_w = group.accelerators, group.host.cpus, group.host.rest
    cpu_load, efficiency = group.host.load, group.psu_efficiency

    def draws(load: float, memory: float = 0.0) -> tuple[float, float]:
        accelerators_w = n * accelerator(load, memory)
        behind_w = accelerators_w + cpus * cpu(cpu_load if load > 0 or memory > 0 else 0.0) + rest_w
        return accelerators_w, behind_w / efficiency - accelerators_w

    components = (Component("accelerator", device, n), Component("host", cpu_row, 1))
    assumed = (*power_doubts(group.power, device), *power_doubts(group.host.power, cpu_row))
    return Unit(
        components,
        draws,
        device,
        n,
        server=True,
        assumptions=assumed,
        slow_down=build_slow_down(group.power, device),
        slow_down_assumptions=law_doubts(group.power, device),
    )


def build_metered_server(group: MeteredServer) -> Unit:
    """What one server draws of which only the whole is known."""
    device = find("device", group.accelerator)
    power = build_power(group.node_power, device)
    return Unit(
        (Component("node", None, 1),),
        lambda load, memory=0.0: (power(load, memory),),
        device,
        group.accelerators,
        server=True,
        assumptions=power_doubts(group.node_power, device),
        slow_down=build_slow_down(group.node_power, device),
        slow_down_assumptions=law_doubts(group.node_power, device),
    )


BUILDERS: dict[type[Spec], Any] = {
    CatalogueServer: build_catalogue_server,
    PartsServer: build_parts_server,
    MeteredServer: build_metered_server,
}


def build_server(group: Any) -> Unit:
    """What one server of the group draws, whichever its form, and what joins it to others."""
    built: Unit = BUILDERS[type(group)](group)
    row = find("server", group.model) if isinstance(group, CatalogueServer) else None
    inside = None if row is None else find_row_fabric(row, "accelerator")
    return built._replace(fabric=find_node_fabric(group), accelerator_fabric=inside)
