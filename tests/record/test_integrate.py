"""Integrals of a log: how it is cut into stretches changes no bit of them."""

import numpy as np
import pytest

from simulator.engine.series import Series
from simulator.footprint.sharing import stretches
from simulator.record import integrate
from simulator.record.integrate import Log, channel_energy_j, cut

CHANNELS, END_S = 3, 1000.0
LUCK = np.random.Generator(np.random.Philox(7))
LOG = Log(np.sort(LUCK.uniform(0.0, 900.0, 500)), LUCK.integers(0, CHANNELS, 500), LUCK.uniform(0.0, 400.0, 500))
GRID = Series(np.array([0.0, 300.0, 650.0]), np.array([20.0, 500.0, 90.0]), float("inf"))


@pytest.mark.parametrize("weight", [None, GRID], ids=["seconds", "grid"])
@pytest.mark.parametrize("rows", [12, 100, 499])
def test_energy_has_the_same_bits_however_small_the_stretches_that_fit_a_cache(monkeypatch, rows, weight):
    whole = channel_energy_j([LOG], CHANNELS, END_S, weight)
    monkeypatch.setattr(integrate, "_IN_CACHE", rows)
    assert len(list(cut([LOG], rows))) > 1
    assert channel_energy_j([LOG], CHANNELS, END_S, weight).tobytes() == whole.tobytes()


@pytest.mark.parametrize("rows", [1, 12, 499])
def test_integrals_at_edges_have_the_same_bits_however_the_log_is_cut(monkeypatch, rows):
    edges_s = [np.array([0.0, 250.0, END_S])] * CHANNELS
    whole = stretches.integrals_at([LOG], edges_s)
    monkeypatch.setattr(stretches, "_ROWS", rows)
    monkeypatch.setattr(stretches, "_ROWS_A_CHANNEL", 0)
    assert [found.tobytes() for found in stretches.integrals_at([LOG], edges_s)] == [f.tobytes() for f in whole]


def test_a_cut_log_is_the_log():
    pieces = list(cut([LOG, LOG], 64))
    assert max(len(piece.at_s) for piece in pieces) == 64
    for column, both in zip(zip(*pieces, strict=True), zip(LOG, LOG, strict=True), strict=True):
        assert np.concatenate(column).tolist() == np.concatenate(both).tolist()
