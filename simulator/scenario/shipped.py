"""The scenarios and sweeps that travel with the package, and the file that somebody means."""

from difflib import get_close_matches
from importlib import resources
from os.path import exists, isdir, isfile
from pathlib import Path

from simulator.errors import UsageError

STUDIES = "studies"
"""The folder of the sweeps."""


def shipped_folder() -> Path:
    """The scenarios that travel with the package: inside a wheel, beside the package in a checkout."""
    package = Path(str(resources.files("simulator")))
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """The shipped scenarios by name, such as `talk/stable_diffusion_v1`."""
    return {name: path for name, path in _files().items() if not name.startswith(f"{STUDIES}/")}


def shipped_sweeps() -> dict[str, Path]:
    """The shipped sweeps by name, such as `studies/small`."""
    return {name: path for name, path in _files().items() if name.startswith(f"{STUDIES}/")}


def _files() -> dict[str, Path]:
    folder = shipped_folder()
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.glob("*/*.yaml"))}


def header(path: Path) -> dict[str, str]:
    """The comment that opens a scenario file, as its `key: text` lines; text may go on over lines."""
    found: dict[str, str] = {}
    key = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.lstrip("#").strip()
        name, colon, rest = text.partition(":")
        if colon and name.isalpha() and name.islower():
            key, text = name, rest.strip()
        found[key] = f"{found.get(key, '')} {text}".strip()
    return found


def find_scenario(asked: str) -> Path:
    """The scenario that was meant: a path, else the name of a shipped one."""
    known = shipped()
    if not exists(asked) and name_of(asked) in shipped_sweeps():
        raise UsageError(asked, "is a sweep, no scenario", f"`aiceberg sweep run {asked}` runs it")
    return _find(asked, known, "scenario", f"`aiceberg run` lists the {len(known)} scenarios that come with it")


def find_sweep(asked: str) -> Path:
    """The sweep that was meant: a path, else the name of a shipped one."""
    known = shipped_sweeps()
    if not exists(asked) and name_of(asked) in shipped():
        raise UsageError(asked, "is a scenario, no sweep", f"`aiceberg run {asked}` runs it")
    return _find(asked, known, "sweep", f"`aiceberg sweep run` lists the {len(known)} sweeps that come with it")


def name_of(asked: str) -> str:
    """The name that a shipped file would have, however somebody writes it.

    >>> name_of("scenarios/small/one_gpu.yaml"), name_of("small/one_gpu")
    ('small/one_gpu', 'small/one_gpu')
    """
    return asked.removesuffix(".yaml").removeprefix("scenarios/")


def _find(asked: str, known: dict[str, Path], what: str, remedy: str) -> Path:
    path = Path(asked)
    if isfile(path):  # not its method, which raises for a name that is too long to be one
        return path
    if isdir(path):
        raise UsageError(asked, "is a folder", f"give a {what} file in it")
    if name_of(asked) in known:
        return known[name_of(asked)]
    near = get_close_matches(name_of(asked), known, n=1)
    raise UsageError(asked, "there is no such file", f"did you mean `{near[0]}`? {remedy}" if near else remedy)
