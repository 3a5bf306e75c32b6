"""The fields that workloads of many kinds have: their types, and their words in the schema."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from simulator.spec import NAME_ALONE, Name, Ref, Seconds, WholeNumber, names

OwnName = Annotated[Name | None, Field(description="its name; the kind's if left out")]
After = Annotated[
    list[str],
    BeforeValidator(names),
    Ref("workload"),
    NAME_ALONE,
    Field(description="workloads that must be done before: a name, or a list of names"),
]
Start = Annotated[Seconds, Field(description="how long to wait first")]
Priority = Annotated[WholeNumber, Field(description="urgency in the queue for machines; higher goes first")]
Ways = Annotated[
    Literal["policy", "lower_bound", "measured"],
    Field(
        description="the ways of least cost, or of fewest kilometres with nothing added but users' lines; "
        "`measured`: of least cost, with the round trip that was published"
    ),
]
MovedModel = Annotated[
    Annotated[str, Ref("model")] | None,
    Field(description="a model of this file or of the catalogue, whose parameters are moved"),
]
