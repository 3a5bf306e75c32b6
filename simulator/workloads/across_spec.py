"""Machines elsewhere that train along: what the YAML says of them."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field

from simulator.spec import NAME_ALONE, Count, Fault, Ref, Spec, names
from simulator.workloads.fields import Ways


class Across(Spec):
    """Data parallel over several data centres: each trains on its part of every batch, and all add what they learnt."""

    groups: Annotated[
        list[str],
        BeforeValidator(names),
        Ref("group"),
        NAME_ALONE,
        Field(description="groups of machines like those of `at` that train along: place/group, or a list of them"),
    ]
    every: Count = Field(description="steps between two exchanges; 1 adds the gradients of every step")
    latency: Ways = "policy"

    def faults(self) -> Iterator[Fault]:
        """A group that is named twice, or none."""
        if not self.groups:
            yield Fault(("groups",), "names nobody; name a group elsewhere, or leave `across` out")
        for group in sorted({group for group in self.groups if self.groups.count(group) > 1}):
            yield Fault(("groups",), f"names {group} twice; a group trains once")
