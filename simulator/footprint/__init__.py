"""Impacts as functions of the record: no re-simulation, and no view of what ran on the clock."""
