"""A hash of what tables say, not of how they are kept.

Chunks, masks without nulls and the order of dictionaries depend on who wrote a table or read
it; values do not. Each column is hashed value after value: numbers as 8 bytes, nulls as a
number that no result holds, texts as the first 8 bytes of their own BLAKE2b (nulls as none).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.types as types

from simulator.record.pieces import LongTable, pieces

_ROWS = 1_000_000
_NO_NUMBER = -(2**63)
_NO_TEXT = bytes(8)


def results_digest(tables: Mapping[str, pa.Table | LongTable], summary: Mapping[str, Any]) -> str:
    """SHA-256 of the tables' contents and the summary, whatever wrote them where."""
    total = hashlib.sha256(json.dumps(summary, allow_nan=False).encode())
    for name in sorted(tables):
        total.update(name.encode())
        total.update(table_digest(tables[name]))
    return total.hexdigest()


def table_digest(table: pa.Table | LongTable) -> bytes:
    """SHA-256 of a table's names and values; where the table is cut makes no difference."""
    hashes = [hashlib.sha256(name.encode()) for name in table.schema.names]
    for piece in pieces(table):
        for batch in piece.to_batches(max_chunksize=_ROWS):
            for column_hash, column in zip(hashes, batch.columns, strict=True):
                column_hash.update(_bytes(column))
    return hashlib.sha256(b"".join(h.digest() for h in hashes)).digest()


def _bytes(column: pa.Array) -> bytes:
    if types.is_floating(column.type):
        values = column.fill_null(float("nan"))
    elif types.is_integer(column.type):
        values = column.fill_null(_NO_NUMBER)
    else:
        return _label_bytes(column if types.is_dictionary(column.type) else column.dictionary_encode())
    return np.ascontiguousarray(values.to_numpy(zero_copy_only=False)).tobytes()


def _label_bytes(labels: pa.DictionaryArray) -> bytes:
    texts = labels.dictionary.to_pylist()
    marks = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts) + _NO_TEXT
    indices = labels.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return np.asarray(np.frombuffer(marks, np.uint64)[indices]).tobytes()
