"""Every physical figure that the simulator uses, one CSV row a thing, each with its source.

`TABLES` is the only list of kinds. To add a device, a server, a grid: add a row to its
table; no code. Names are ids (lower-case, matched without regard to case); a near miss or
an alias is an error that suggests the id.
"""

from simulator.catalogue.table import TABLES, Row, Source, digest, doubts, find, header, rows, suggest, unit_of

__all__ = ["TABLES", "Row", "Source", "digest", "doubts", "find", "header", "rows", "suggest", "unit_of"]
