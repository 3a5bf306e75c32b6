"""Accounts of a record by any method: terms, totals, where numbers come from, how sure they are."""
