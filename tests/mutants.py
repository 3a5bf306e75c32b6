"""Scenario files broken at random, the same for the same seed, and what must hold of each.

Shared by tests/scenario/test_fuzz.py and benchmarks/fuzz.py.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import simulator as sim
from simulator.errors import SimulatorError
from simulator.scenario.load import Loaded, load
from simulator.scenario.shipped import shipped

MOST_S = 2.0
SMALL = {"horizon": "10 min", "tick": "1 min"}
"""What every scenario that still loads is run with."""

FOREIGN = re.compile(
    r"Traceback|Input should|validation error|pydantic|NoneType|\bNone\b|Error\(|object at 0x|\bTrue\b|\bFalse\b|"
    r"unhashable|type=\w+_type|recursion"
)
"""What Python or pydantic would say, and no sentence of ours does."""

TOKEN = re.compile(r"[^\s{}\[\],:]+|[{}\[\],:]|\s+")
LINE = re.compile(r"(?<=\n)")
WORDS = (
    *("null", "true", "false", "~", "no", "{}", "[]", "[[]]", "{a: 1}", "[1, a]", "-1", "0", "1e400", ".nan", ".inf"),
    *(
        "9" * 400,
        "1e308",
        "1e308 W",
        "1e-300",
        "1e30 W",
        "1e308 h",
        "9e99 y",
        "1e999 W",
        "-5 h",
        "0 W",
        "2 kWh",
        "57 gCO2e/kWh",
        "1 Ki B",
    ),
    *(
        '""',
        "'",
        '"',
        "|",
        ">",
        "&a",
        "*a",
        "<<",
        "<<: *a",
        "!!python/object:os.system",
        "!!int",
        "? ",
        "- ",
        "--- ",
        "...",
    ),
    *(
        "1e-300",
        "1e30 W",
        "constant",
        "linear",
        "stepped",
        "typical",
        "fp8",
        "lab/nodes",
        "train",
        "kind",
        "name",
        "after",
        "FR",
        "a100",
    ),
    *(
        "é",
        "日本",
        "\U0001f600",
        "\u2028",
        "\x85",
        "\ufeff",
        "x" * 3000,
        "#",
        "%YAML 1.1",
        "@",
        "`",
        "2025-02-30",
        "0x1F",
    ),
    *("1.0e+6", "٣", "1,000", "1_000", "5.", "0o17", "{" * 70, "[" * 70, "10000000", "100000000000", "1/2", "a/b/c"),
)
"""What stands where something else should."""

BYTES = (
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\t",
    b"\r",
    b"\x07",
    b"\x1b[0m",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\n\n",
    b"\n\t",
)


def _pick(rng: random.Random, text: str) -> tuple[list[str], int]:
    tokens = TOKEN.findall(text) or ["a"]
    return tokens, rng.choice([n for n, token in enumerate(tokens) if token.strip()] or [0])


def drop(rng: random.Random, text: str) -> str:
    tokens, n = _pick(rng, text)
    return "".join(tokens[:n] + tokens[n + 1 :])


def duplicate(rng: random.Random, text: str) -> str:
    tokens, n = _pick(rng, text)
    return "".join([*tokens[: n + 1], rng.choice([" ", ", ", ": ", "\n"]), *tokens[n:]])


def replace(rng: random.Random, text: str) -> str:
    tokens, n = _pick(rng, text)
    return "".join([*tokens[:n], rng.choice(WORDS), *tokens[n + 1 :]])


def rename(rng: random.Random, text: str) -> str:
    """A slip of the pen within one word."""
    tokens, n = _pick(rng, text)
    word, at = tokens[n], rng.randrange(len(tokens[n]))
    slip = rng.choice([word[:at] + word[at + 1 :], word[:at] + word[at] * 2 + word[at + 1 :], word.upper(), word[::-1]])
    return "".join([*tokens[:n], slip, *tokens[n + 1 :]])


def swap(rng: random.Random, text: str) -> str:
    tokens, n = _pick(rng, text)
    other = _pick(rng, text)[1]
    tokens[n], tokens[other] = tokens[other], tokens[n]
    return "".join(tokens)


def value(rng: random.Random, text: str) -> str:
    """All that stands behind one colon."""
    places = [match.span(1) for match in re.finditer(r": ([^\n]+?)(?=[,}\n]|$)", text)]
    if not places:
        return replace(rng, text)
    start, end = rng.choice(places)
    return text[:start] + rng.choice(WORDS) + text[end:]


def number(rng: random.Random, text: str) -> str:
    """Another number, which may well be a right one."""
    places = [match.span() for match in re.finditer(r"(?<![\w.-])[0-9][0-9.]*(?:e[0-9]+)?(?![\w.-])", text)]
    if not places:
        return replace(rng, text)
    start, end = rng.choice(places)
    return text[:start] + rng.choice(("0", "1", "2", "3", "0.5", "12", "1e3", "1e15", "0.001", "-3")) + text[end:]


def indent(rng: random.Random, text: str) -> str:
    lines = LINE.split(text)
    n = rng.randrange(len(lines))
    lines[n] = rng.choice([" " + lines[n], "  " + lines[n], lines[n].lstrip(), lines[n][1:], "\t" + lines[n]])
    return "".join(lines)


def line(rng: random.Random, text: str) -> str:
    lines = LINE.split(text)
    n, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kept = [line for at, line in enumerate(lines) if at != n]
    return "".join(rng.choice([kept, [*lines, lines[n]], [*lines[:other], lines[n], *lines[other:]], lines[:n]]))


def alias(rng: random.Random, text: str) -> str:
    """One value named, and repeated in place of another."""
    tokens, n = _pick(rng, text)
    other = _pick(rng, text)[1]
    tokens[n], tokens[other] = f"&x {tokens[n]}", "*x"
    return "".join(tokens)


def nest(rng: random.Random, text: str) -> str:
    tokens, n = _pick(rng, text)
    deep = rng.choice([3, 50, 70, 300, 100_000])
    tokens[n] = rng.choice(["[", "{a: ", "- "]) * deep
    return "".join(tokens)


MUTATIONS: tuple[Callable[[random.Random, str], str], ...] = (
    *(drop, duplicate, replace, rename, swap, value, indent, line, alias, number, number, number),
)
RARE = (nest,)


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """So many broken files."""
    originals = [path.read_text(encoding="utf-8") for path in shipped().values()]
    bare = [re.sub(r"(?m)^#.*\n", "", text) for text in originals]
    for n in range(count):
        rng = random.Random(f"{seed}/{n}")
        text = rng.choice(bare)
        for _ in range(rng.choice((1, 1, 2, 3))):
            text = rng.choice(RARE if rng.random() < 0.02 else MUTATIONS)(rng, text)
        data = text.encode("utf-8", "surrogatepass")
        if rng.random() < 0.05:
            at = rng.randrange(len(data) + 1)
            data = data[:at] + rng.choice(BYTES) + data[at:]
        yield data


class Verdict(NamedTuple):
    """What became of one file: `loaded`, `refused` or a fault; its seconds to load; and what was said."""

    outcome: str
    time_s: float
    text: str


def judge(data: bytes, file: Path) -> Verdict:
    """Load a broken file (and run it if it loads); an error that is not ours comes out as it is."""
    file.write_bytes(data)
    begun = time.perf_counter()
    try:
        load(file)
    except SimulatorError as error:
        time_s, text = time.perf_counter() - begun, str(error)
        return Verdict("foreign words" if FOREIGN.search(text) else "refused", time_s, text)
    time_s = time.perf_counter() - begun
    return Verdict("slow" if time_s > MOST_S else "loaded", time_s, "")


def find_small(file: Path) -> Loaded | None:
    """The file with a small horizon; None where a path of it is not what it was."""
    try:
        return load(file, SMALL)
    except SimulatorError:
        return None


def run_small(file: Path) -> bool:
    """Run a file that loads for a few simulated minutes; whether it could be."""
    small = find_small(file)
    if small is not None:
        sim.run(small)
    return small is not None
