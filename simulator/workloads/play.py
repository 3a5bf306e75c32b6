"""A block of phases as one event on the clock: slept through, then written as if each had been an event.

Nothing reads what a training draws while it draws it, so the changes of a block are recorded when the
block ends, is interrupted, or the run ends, with the moments at which they happened. One phase alone
is drawn at once.
"""

from collections.abc import Sequence

import numpy as np
import simpy

from simulator.engine.spill import Floats
from simulator.hardware.group import Reservation
from simulator.record.steps import Steps
from simulator.workloads.timeline import Phase, Walk
from simulator.world import Process, World


def play(
    world: World,
    reservation: Reservation,
    walk: Walk,
    until_s: Floats,
    block: Sequence[Phase],
    steps: Steps | None,
) -> Process:
    """Draw what these phases draw, each up to its moment, and tell the walk how many are over."""
    env = world.env
    begin_s = np.concatenate(([env.now], np.maximum(until_s[:-1], env.now)))
    if len(block) == 1:
        reservation.draw_parts(block[0].parts)

    def write(end_s: float) -> None:
        begun = begin_s < end_s
        lasts = begun & (until_s > begin_s)
        if len(block) > 1 and lasts.any():
            _record(reservation, begin_s[lasts], [phase for phase, one in zip(block, lasts, strict=True) if one])
        if steps is not None:
            counts = begun & np.array([phase.counts for phase in block])
            steps.add(begin_s[counts], np.minimum(until_s, end_s)[counts])

    def end(phases: int) -> None:
        write(env.now)
        world.closing.remove(write)
        walk.go_on(phases)

    world.closing.append(write)
    try:
        while env.now < until_s[-1]:  # a sum of floats may fall short of it
            yield env.timeout(until_s[-1] - env.now)
    except simpy.Interrupt:
        end(int(np.searchsorted(until_s, env.now, "right")))
        raise
    end(len(block))


def _record(reservation: Reservation, at_s: Floats, phases: Sequence[Phase]) -> None:
    plays = list(dict.fromkeys(phase.parts for phase in phases))
    number = {parts: n for n, parts in enumerate(plays)}
    which = np.array([number[phase.parts] for phase in phases], np.int32)
    reservation.draw_each(at_s, which, plays)
