"""Plans that are taken back: events that are in the queue of the clock and need not happen any more."""

import heapq

import simpy


def withdraw(env: simpy.Environment, *events: simpy.Event) -> None:
    """Take events that are planned back, so that the clock does not go on to a time at which nothing happens.

    >>> env = simpy.Environment()
    >>> soon, late = env.timeout(1.0), env.timeout(9.0)
    >>> withdraw(env, late)
    >>> env.run()
    >>> env.now
    1.0
    """
    queue, dead = env._queue, set(events)
    queue[:] = [entry for entry in queue if entry[3] not in dead]
    heapq.heapify(queue)
