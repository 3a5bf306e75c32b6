"""Which versions of packages are installed: each is looked up once a process, for it reads a file."""

from functools import cache
from importlib.metadata import version

version_of = cache(version)
"""The installed version of a package by its name; raises PackageNotFoundError."""
