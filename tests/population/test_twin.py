"""A process for each client, in plain SimPy, does what the columns say: counts, times, joules and bits."""

from collections import defaultdict
from math import isfinite
from typing import NamedTuple

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_federate_scenario, a_season

from simulator.scenario.build import start_tasks
from simulator.vocabulary import POWER, RATE


class Client(NamedTuple):
    """What one member has, as plain numbers."""

    latency_s: float
    down_bps: float
    up_bps: float
    compute_s: float
    drop_share: float


class Outcome(NamedTuple):
    """How a round went: length, numbers of members, and seconds and bits of each member by what it did."""

    close_s: float
    accepted: list[int]
    dropped: list[int]
    seconds: list[dict[str, float]]
    bits: list[dict[str, float]]


def work(env, client, sizes, seconds, bits, arrived):
    """One client from its selection to its upload; whoever interrupts it ends it where it is."""
    phases = (
        ("download", client.latency_s, 0.0),
        ("download", sizes.down_b / client.down_bps, client.down_bps),
        ("compute", client.compute_s, 0.0),
        ("upload", client.latency_s, 0.0),
        ("upload", sizes.up_b / client.up_bps, client.up_bps),
    )
    for doing, time_s, rate_bps in phases:
        began_s, stopped = env.now, False
        try:
            yield env.timeout(time_s)
        except simpy.Interrupt:
            stopped = True
        seconds[doing] += env.now - began_s
        bits[doing] += rate_bps * (env.now - began_s)
        if stopped:
            return
    arrived()


def drop(env, process, at_s, note):
    yield env.timeout(at_s)
    if process.is_alive:
        note()
        process.interrupt()


def play(clients, sizes, goal, deadline_s):
    """A round of these clients, each a process; the server's process closes it."""
    env, accepted, dropped = simpy.Environment(), [], []
    seconds, bits = ([defaultdict(float) for _ in clients] for _ in range(2))
    enough = env.event()

    def arrive(number):
        if len(accepted) < goal:
            accepted.append(number)
        if len(accepted) == goal and not enough.triggered:
            enough.succeed()

    processes = []
    for number, client in enumerate(clients):
        process = env.process(
            work(env, client, sizes, seconds[number], bits[number], lambda number=number: arrive(number))
        )
        processes.append(process)
        if isfinite(client.drop_share):
            alone_s = 2 * client.latency_s + sizes.down_b / client.down_bps + client.compute_s
            at_s = client.drop_share * (alone_s + sizes.up_b / client.up_bps)
            env.process(drop(env, process, at_s, lambda number=number: dropped.append(number)))

    def serve():
        end = env.timeout(deadline_s) if isfinite(deadline_s) else env.all_of(processes)
        yield enough | end
        for process in processes:
            if process.is_alive:
                process.interrupt()

    # interrupted clients leave their timeouts behind: the clock of an emptied queue would be later
    env.run(until=env.process(serve()))
    close_s = env.now
    env.run(until=env.timeout(0.0))
    return Outcome(close_s, accepted, dropped, seconds, bits)


LEARNINGS = st.fixed_dictionaries(
    {
        "cohort": st.integers(1, 15),
        "over_selection": st.sampled_from([1.0, 1.3, 2.0]),
        "dropout": st.sampled_from([0.0, 0.1, 0.5, 1.0]),
        "epochs": st.sampled_from([0.5, 2]),
        "update": st.sampled_from(["1 MB", "12.5 MB"]),
    },
    optional={"deadline": st.sampled_from(["10 s", "40 s", "300 s"])},
)
PHONES = st.fixed_dictionaries(
    {
        "speed_spread": st.sampled_from([1.0, 1.8]),
        "rate_spread": st.sampled_from([1.0, 3.0]),
        "samples_spread": st.sampled_from([1.0, 2.0]),
        "state": st.sampled_from(["charging", "battery", "mains"]),
        "account": st.sampled_from(["marginal", "whole"]),
        "places": st.just({"paris": 0.5, "lyon": 0.25, "oslo": 0.25}),
        "access": st.sampled_from([{"wifi": 1.0}, {"wifi": 0.5, "4g": 0.5}]),
    }
)


def expected(season, turns):
    """Rounds by the twin, and their integrals by channel: joules and bits."""
    crowd, rules, rounds, integrals = season.crowd, season.rules, [], defaultdict(float)
    watts = {"download": crowd.watts.receive_w, "compute": crowd.watts.compute_w, "upload": crowd.watts.send_w}
    for turn in range(turns):
        numbers, members = season.cohorts.select(turn)
        clients = [Client(*map(float, row)) for row in zip(*members, strict=True)]
        found = play(clients, rules.sizes, rules.goal, rules.deadline_s)
        rounds.append(found)
        for n, block in enumerate(crowd.blocks[number] for number in numbers.tolist()):
            for doing, time_s in found.seconds[n].items():
                told = doing if n in found.accepted else "waste"
                integrals[crowd.device(block.city), told, POWER] += time_s * watts[doing]
                if doing == "compute":
                    continue
                integrals[block.line, told, RATE] += found.bits[n][doing]
                if crowd.spec.account == "whole":
                    integrals[block.line, told, POWER] += time_s * block.access.line_idle_w
    return rounds, integrals


@given(LEARNINGS, PHONES, st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_columns_and_processes_agree(learning, phones, seed):
    season = a_season(a_federate_scenario(learning, {**phones, "count": 40}, seed=seed))
    rounds, integrals = expected(season, 3)
    start_tasks(season.world, [season.task])
    season.world.env.run()
    assert len(season.world.rounds) == 3
    for row, twin in zip(season.world.rounds, rounds, strict=True):
        late = season.rules.selected - len(twin.accepted) - len(twin.dropped)
        assert (row.accepted, row.dropped, row.late) == (len(twin.accepted), len(twin.dropped), late)
        assert row.close_s - row.begin_s == pytest.approx(twin.close_s, rel=1e-9)
        lost_b = sum(bits["upload"] for n, bits in enumerate(twin.bits) if n not in twin.accepted)
        assert row.download_bytes * 8 == pytest.approx(sum(b["download"] for b in twin.bits), rel=1e-9, abs=1e-3)
        assert row.upload_bytes * 8 == pytest.approx(sum(b["upload"] for b in twin.bits), rel=1e-9, abs=1e-3)
        assert row.lost_bytes * 8 == pytest.approx(lost_b, rel=1e-9, abs=1e-3)
    ledger = season.world.ledger
    recorded = {
        (c.asset, c.activity, c.quantity): ledger.integral(number)
        for number, c in enumerate(ledger.channels)
        if c.asset.startswith("phones/")
    }
    assert recorded == pytest.approx({key: value for key, value in integrals.items() if value}, rel=1e-9, abs=1e-3)
