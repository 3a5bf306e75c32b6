"""What joins machines: ports times the rate of a port, from the catalogue or in the scenario's words."""

import pytest

from simulator.catalogue import find, rows
from simulator.hardware.fabric import Fabric, fabric_presence, find_row_fabric
from simulator.hardware.server import CatalogueServer, MeteredServer, build_server

WATTS = {"kind": "constant", "power": "3 kW"}
OWN = {"accelerator": "a100-sxm4-40gb", "accelerators": 8, "node_power": WATTS, "count": 2}


def test_a_server_of_the_catalogue_has_the_ports_of_its_row():
    """DGX H100: 8 ports of InfiniBand NDR, 400 Gbps each; 18 links of NVLink 4 an accelerator, 25 GB/s each."""
    unit = build_server(CatalogueServer(model="dgx-h100", count=4))
    assert unit.fabric == Fabric("infiniband-ndr", 3.2e12, 1e-6, ("fabric/infiniband-ndr/latency_us",))
    inside = unit.accelerator_fabric
    assert (inside.row, inside.rate_bps, inside.latency_s) == ("nvlink-4", 450e9 * 8, 1.9e-6)


@pytest.mark.parametrize(
    ("name", "row", "accelerator_gb_per_s"),
    [
        ("dgx-1-v100", "nvlink-2", 150),
        ("dgx-a100", "nvlink-3", 300),
        ("hgx-8xh200", "nvlink-4", 450),
        ("dgx-b200", "nvlink-5", 900),
    ],
)
def test_nvlink_gives_each_accelerator_half_of_what_its_maker_prints_for_both_ways(name, row, accelerator_gb_per_s):
    """NVIDIA prints 300, 600, 900 and 1800 GB/s."""
    found = find_row_fabric(find("server", name), "accelerator")
    assert (found.row, found.rate_bps) == (row, accelerator_gb_per_s * 8e9)


def test_ports_times_their_rate_are_the_total_that_is_published_for_a_server():
    told = 0
    for row in rows("server").values():
        for part, total in (("accelerator", "intra_bytes_per_s_per_accelerator"), ("node", "inter_bytes_per_s")):
            found = find_row_fabric(row, part)
            if found is not None:
                told += 1
                assert found.rate_bps == pytest.approx(row.number(total, "") * 8.0), (row.id, part)
    assert told > 50


def test_every_fabric_that_a_server_names_is_there_with_its_ports_and_the_other_way_round():
    for row in rows("server").values():
        for part in ("accelerator", "node"):
            assert (row.text(f"{part}_fabric") in rows("fabric")) == bool(row.text(f"{part}_ports_count")), row.id


def test_ports_that_nobody_could_read_again_are_listed_where_they_are_used():
    unit = build_server(CatalogueServer(model="dgx-a100", count=1))
    assert "server/dgx-a100/node_ports_count" in unit.fabric.assumptions


def test_the_scenario_may_say_it_by_a_fabric_or_by_a_rate():
    named = build_server(MeteredServer(**OWN, fabric="Ethernet-100G", ports=2)).fabric
    assert (named.row, named.rate_bps, named.latency_s) == ("ethernet-100g", 2e11, 5e-5)
    assert build_server(MeteredServer(**OWN, fabric="40 Gbps")).fabric == Fabric("", 4e10, None)
    other = build_server(CatalogueServer(model="dgx-h100", count=1, fabric="infiniband-hdr", ports=4))
    assert (other.fabric.rate_bps, other.accelerator_fabric.row) == (8e11, "nvlink-4")


def test_what_nothing_says_is_none():
    assert build_server(MeteredServer(**OWN)).fabric is None
    assert build_server(MeteredServer(**OWN)).accelerator_fabric is None
    assert find_row_fabric(find("server", "lenovo-sr780a-8xb200"), "node") is None


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"fabric": "infiniband-ndr"}, "fabric"),
        ({"fabric": "100 Gbps", "ports": 2}, "ports"),
        ({"ports": 2}, "ports"),
        ({"fabric": "infiniband-ndr", "ports": 2}, None),
        ({"fabric": "100 Gbps"}, None),
        ({}, None),
    ],
)
def test_a_fabric_and_its_ports_come_together_and_a_rate_alone(raw, field):
    assert [fault.path for fault in fabric_presence(raw)] == ([] if field is None else [(field,)])
