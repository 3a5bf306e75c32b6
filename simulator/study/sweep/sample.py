"""Designs: points of the unit cube, a row a run and a column a factor.

    lhs         n rows              McKay, Beckman & Conover 1979: one row in each of n strata of every factor
    sobol       n rows              Sobol' 1967, scrambled (Owen 1998); n is a power of two
    halton      n rows              Halton 1960, scrambled (Owen 2017)
    morris      n (factors + 1)     Morris 1991: from one row to the next of a trajectory a single factor moves
    saltelli    n (factors + 2)     Saltelli et al. 2010: A, then A with one column of B for each factor, then B

The first three come from SciPy, the last two from SALib. A design depends on its arguments
alone: its generator is keyed by seed and method, and NumPy's global one is left as it is.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from simulator.engine.rng import Streams
from simulator.errors import UsageError
from simulator.record.integrate import Floats
from simulator.scenario.sentences import nearest

_ROWS = {"lhs": (0, 1), "sobol": (0, 1), "halton": (0, 1), "morris": (1, 1), "saltelli": (1, 2)}
"""Rows of each of the n: so many for each factor, and so many besides."""
_POWERS_OF_TWO = ("sobol", "saltelli")
_REMEDY = "pip install 'aiceberg[sensitivity]'"


def row_count(method: str, n: int, factors: Sequence[str]) -> int:
    """How many rows the design has, without drawing it.

    >>> row_count("saltelli", 8, ["pue", "rate"]), row_count("morris", 10, ["pue", "rate"])
    (32, 30)
    """
    if method not in _ROWS:
        raise UsageError(f"method {method!r}", "there is no such design", nearest(method, _ROWS))
    each, besides = _ROWS[method]
    return n * (each * len(factors) + besides)


def unit_design(method: str, factors: Sequence[str], n: int, seed: int, levels: int = 4) -> Floats:
    """The design, shape (rows, factors), each number from 0 to 1; `levels` is of the grid of morris.

    Raises UsageError for numbers that the method cannot have, and where SALib is needed and missing.
    """
    row_count(method, n, factors)
    if not factors:
        raise UsageError(f"a design by {method}", "has no factor", "name at least one and its range")
    if n < 1:
        raise UsageError(f"n {n}", "is no number of rows", "give 1 or more")
    if method in _POWERS_OF_TWO and n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        raise UsageError(f"n {n}", f"{method} balances powers of two only", f"give {below} or {2 * below}")
    if method == "morris" and (levels < 2 or levels % 2):
        raise UsageError(f"levels {levels}", "morris needs an even number of them", "give 4, or another even number")
    own = key(seed, f"sweep {method}")
    if method == "morris":
        return _morris(len(factors), n, own, levels)
    return _saltelli(len(factors), n, own) if method == "saltelli" else _space_filling(method, len(factors), n, own)


def key(seed: int, stream: str) -> int:
    """A seed for others' generators, from 1 on: SALib takes a 0 for none and draws from NumPy's global state."""
    return int(Streams(seed).generator(stream).integers(1, 2**31))


def problem_of(factors: int) -> dict[str, Any]:
    """So many factors of the unit cube, as SALib wants to be told; named by number, for it takes equal names for one.

    >>> problem_of(2)
    {'num_vars': 2, 'names': ['0', '1'], 'bounds': [[0.0, 1.0], [0.0, 1.0]]}
    """
    return {"num_vars": factors, "names": [str(k) for k in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def salib(module: str, asked: str) -> Any:
    """A module of SALib, which is an extra; raises UsageError where it is not installed."""
    try:
        return import_module(f"SALib.{module}")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("SALib"):
            raise
        raise UsageError(asked, "needs SALib, which is not installed", _REMEDY) from None


def _space_filling(method: str, factors: int, n: int, own: int) -> Floats:
    from scipy.stats import qmc

    drawn = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol, "halton": qmc.Halton}[method](d=factors, seed=own)
    return np.asarray(drawn.random(n), dtype=np.float64)


def _morris(factors: int, n: int, own: int, levels: int) -> Floats:
    """Snapped to the levels: SALib's sums leave them by a bit, and equal points would be told apart."""
    sample = salib("sample.morris", "a design by morris").sample
    drawn = sample(problem_of(factors), n, num_levels=levels, seed=own)
    return np.asarray(np.rint(drawn * (levels - 1)) / (levels - 1), dtype=np.float64)


def _saltelli(factors: int, n: int, own: int) -> Floats:
    sample = salib("sample.sobol", "a design by saltelli").sample
    drawn = sample(problem_of(factors), n, calc_second_order=False, seed=own)
    return np.asarray(drawn, dtype=np.float64)
