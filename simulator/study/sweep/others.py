"""Who else drives a sweep: each driver leaves a file in its folder that it touches as long as it lives."""

import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from simulator.study.sweep.folder import DRIVERS

_ALIVE_S = 15.0


class Presence:
    """This driver, as others see it, and they as it sees them."""

    def __init__(self, folder: Path, plan: str) -> None:
        self._folder, self._plan = folder / DRIVERS, plan
        self._path = self._folder / f"{socket.gethostname()}-{os.getpid()}.json"
        self._looked_s = 0.0

    def __enter__(self) -> "Presence":
        self._touch()
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)

    def is_time(self, every_s: float) -> bool:
        """Whether it is time to look around again; says at the same time that this driver is alive."""
        if time.monotonic() - self._looked_s < every_s:
            return False
        self._touch()
        return True

    def others(self) -> list[str]:
        """The drivers that are alive beside this one, as host-pid."""
        return [name for name in drivers(self._folder.parent, self._plan) if name != self._path.stem]

    def _touch(self) -> None:
        self._looked_s = time.monotonic()
        with suppress(OSError):  # a full disk is told where a record does not fit
            self._folder.mkdir(exist_ok=True)
            self._path.write_text(json.dumps({"plan": self._plan}), encoding="utf-8")


def drivers(folder: Path, plan: str | None = None) -> list[str]:
    """The drivers that were alive in the last seconds and work on a plan (on any, if none is named), as host-pid."""
    found = []
    for path in sorted((folder / DRIVERS).glob("*.json")):
        with suppress(OSError, ValueError):  # one that ends in this moment, or just begins
            late = time.time() - path.stat().st_mtime > _ALIVE_S or _is_gone(path.stem)
            if not late and (plan is None or json.loads(path.read_text(encoding="utf-8")) == {"plan": plan}):
                found.append(path.stem)
    return found


def _is_gone(name: str) -> bool:
    """Whether a driver of this machine has no process any more."""
    host, _, pid = name.rpartition("-")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
