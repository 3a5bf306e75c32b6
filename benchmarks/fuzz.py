"""Ten thousand scenario files broken at random: how many load, run, are refused, and how fast.

    python benchmarks/fuzz.py [COUNT] [SEED]

The files and the rules are those of tests/fuzz.py. Budget: no fault, and no file takes more
than two seconds to load. A fault is printed with its number; exit 1 if there is one.
"""

import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mutants import judge, mutants, run_small  # found only now


def one(data: bytes, file: Path) -> tuple[str, float]:
    """What became of a file, and its seconds to load."""
    try:
        verdict = judge(data, file)
        if verdict.outcome == "loaded" and run_small(file):
            return "loaded and ran", verdict.time_s
    except Exception:  # noqa: BLE001  # whatever comes out is the finding
        traceback.print_exc(limit=-3)
        return "crashed", 0.0
    if verdict.outcome not in ("loaded", "refused"):
        print(verdict.text)
    return verdict.outcome, verdict.time_s


def main() -> None:
    count, seed = (int(text) for text in [*sys.argv[1:], *("10000", "1")[len(sys.argv) - 1 :]])
    outcomes: Counter[str] = Counter()
    slowest_s, begun = 0.0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for n, data in enumerate(mutants(count, seed)):
            outcome, time_s = one(data, Path(folder) / "mutant.yaml")
            outcomes[outcome] += 1
            slowest_s = max(slowest_s, time_s)
            if outcome not in ("loaded", "loaded and ran", "refused"):
                print(f"file {n} of seed {seed}: {outcome}")
    print("  ".join(f"{outcome} {n}" for outcome, n in sorted(outcomes.items())))
    print(f"{count} files in {time.perf_counter() - begun:.1f} s, the slowest loaded in {slowest_s:.2f} s")
    raise SystemExit(bool(set(outcomes) - {"loaded", "loaded and ran", "refused"}))


if __name__ == "__main__":
    main()
