"""What a server draws in each of its three forms, and what is refused."""

import pytest

from simulator.catalogue import find, rows
from simulator.errors import MissingValueError
from simulator.hardware.device import DeviceGroup, build_device
from simulator.hardware.server import CatalogueServer, Host, MeteredServer, PartsServer, build_server


def kinds(unit):
    return [component.kind for component in unit.components]


def test_the_host_is_the_node_less_its_accelerators():
    """p4d: 1500 W node idle - 8 x 63 W = 996 W, at rest and at load."""
    unit = build_server(CatalogueServer(model="aws-p4d.24xlarge", count=1))
    assert kinds(unit) == ["accelerator", "host"]
    assert unit.draws(0.0) == (504.0, 996.0)
    assert unit.draws(1.0) == (3200.0, 996.0)
    assert unit.assumptions == ("host-at-load",)


def test_how_far_the_host_climbs_at_load_is_one_assumed_row():
    """All the way up it is 6500 W - 8 x 400 W = 3300 W; the row takes 0 of [0, 1] of the way."""
    row = find("assumption", "host-at-load")
    assert (row.find_number("value_share"), row.find_range("value_share")) == (0.0, (0.0, 1.0))


def test_at_the_top_of_the_assumed_range_the_node_draws_its_maximum(monkeypatch):
    row = find("assumption", "host-at-load")
    monkeypatch.setitem(row._cells, "value_share", "1 [0, 1]")
    unit = build_server(CatalogueServer(model="aws-p4d.24xlarge", count=1))
    assert sum(unit.draws(1.0)) == 6500.0
    assert sum(unit.draws(0.0)) == 1500.0


def test_the_scenario_may_say_how_far_the_host_climbs():
    unit = build_server(CatalogueServer(model="aws-p4d.24xlarge", count=1, host_at_load=0.5))
    assert unit.draws(1.0) == (3200.0, 996.0 + 0.5 * (3300.0 - 996.0))
    assert unit.assumptions == ()


def test_a_server_metered_whole_is_described_by_no_row_of_a_part():
    power = {"kind": "constant", "power": "3 kW"}
    group = MeteredServer(accelerator="a100-sxm4-40gb", accelerators=8, node_power=power, count=1)
    assert [component.row for component in build_server(group).components] == [None]


def test_a_server_without_node_idle_watts_is_refused():
    with pytest.raises(MissingValueError, match=r"aws-p3\.16xlarge has no node_idle_w"):
        build_server(CatalogueServer(model="aws-p3.16xlarge", count=1))


def test_every_server_of_the_catalogue_draws_something_sensible_or_is_refused():
    refused = 0
    for name in rows("server"):
        try:
            unit = build_server(CatalogueServer(model=name, count=1))
        except MissingValueError:
            refused += 1
            continue
        at_rest, at_work = unit.draws(0.0), unit.draws(1.0)
        assert all(power_w >= 0.0 for power_w in at_rest + at_work), name
        assert sum(at_rest) <= sum(at_work), name
    assert 0 < refused < len(rows("server")) / 2


def test_a_server_without_accelerators_runs_from_idle_to_its_maximum():
    unit = build_server(CatalogueServer(model="2xepyc-9654", count=1))
    assert kinds(unit) == ["host"]
    assert [unit.draws(load) for load in (0.0, 0.5, 1.0)] == [(250.0,), (675.0,), (1100.0,)]


def test_power_supplies_count_where_a_server_is_described_part_by_part():
    """(8 x 400 + 2 x 225 + 600) / 0.94 = 4521.28 W at the wall, 3200 of it the accelerators'."""
    host = Host(cpu="amd-epyc-7742", cpus=2, power={"kind": "constant", "power": "tdp"}, load=0.5, rest="600 W")
    unit = build_server(
        PartsServer(accelerator="a100-sxm4-40gb", accelerators=8, host=host, psu_efficiency=0.94, count=1)
    )
    accelerators_w, host_w = unit.draws(1.0)
    assert accelerators_w == 3200.0
    assert host_w == pytest.approx(4250 / 0.94 - 3200)


def test_a_server_metered_whole_hides_its_accelerators():
    power = {"kind": "constant", "power": "330 W"}
    unit = build_server(MeteredServer(accelerator="v100-sxm2-32gb", accelerators=1, node_power=power, count=1))
    assert kinds(unit) == ["node"]
    assert unit.draws(1.0) == (330.0,)


def test_the_kind_of_a_bare_device_follows_its_class():
    assert kinds(build_device(DeviceGroup(model="a100-sxm4-40gb", count=1))) == ["accelerator"]
    phone = DeviceGroup(model="smartphone", count=1, power={"kind": "constant", "power": "1 W"})
    assert kinds(build_device(phone)) == ["device"]
