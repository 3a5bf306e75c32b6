"""Every table of a result and of a sweep, column by column: name, type, unit, meaning. One literal table, nothing else.

A column's name ends in its unit. What is written is made by these tables, and what is read is checked against them.
"""

from typing import NamedTuple


class Column(NamedTuple):
    """One column of a result table: its Arrow type (a label repeats), unit ("" if none) and meaning."""

    type: str
    unit: str
    meaning: str


_PARADIGM = Column("label", "", "the way of doing it that this row belongs to")
_ASSET = Column("string", "", "place/group/kind of machines, a link and its direction, a>b, or a site, a/router")
_WORKLOAD = Column("string", "", "who the row is charged to")
_ACTIVITY = Column("string", "", "what the machines were doing")
_PLACE = Column("string", "", "a data centre, users of a city, `internet/` and countries; empty: the whole world")
_AT = Column("float64", "s", "time since the scenario's start")
_JOULES = Column("float64", "J", "energy over the row's span")

TABLES: dict[str, dict[str, Column]] = {
    "assets": {
        "paradigm": _PARADIGM,
        "asset": _ASSET,
        "kind": Column("string", "", "one of the asset kinds"),
        "place": _PLACE,
        "zone": Column(
            "string",
            "",
            "the grid that feeds the place, or its country; of several countries all",
        ),
        "row": Column("string", "", "the catalogue row that describes it, if one does"),
        "part_of": Column("string", "", "the server group around it; empty for bare devices"),
        "owner": Column(
            "string",
            "",
            "reserved: counts from first reservation to last release; always: all the time; users: while it works "
            "for a workload; empty: a link or site",
        ),
        "count": Column("int64", "", "identical pieces"),
        "in_service_from_s": Column("float64", "s", "when the first piece began to count; null: never used"),
        "in_service_to_s": Column("float64", "s", "when the last piece ceased to count; null: never used"),
        "lifetime_y": Column("float64", "y", "how long such a piece lasts, where the catalogue knows"),
        "slope_j_per_b": Column("float64", "J/b", "joules per bit that it carries; null: it draws watts of its own"),
        "power_row": Column("string", "", "the row of network_powers that its joules per bit come from; empty: none"),
        "capacity_bps": Column("float64", "bps", "what a link carries one way when first taken; null: no such limit"),
        "length_km": Column("float64", "km", "kilometres of a link; null: no link"),
        "most_w": Column("float64", "W", "the most that one piece can draw; null: users' equipment and networks"),
        "rest_w": Column("float64", "W", "what one piece of users' equipment draws at rest, at the plug; null: others"),
        "charged": Column("string", "", "what of users' equipment is charged: marginal or whole; empty: others"),
    },
    "channels": {
        "paradigm": _PARADIGM,
        "channel": Column("int64", "", "number of the channel, unique in the result"),
        "asset": _ASSET,
        "workload": _WORKLOAD,
        "activity": _ACTIVITY,
        "quantity": Column("string", "", "what the channel's values are, unit included"),
    },
    "changes": {
        "paradigm": _PARADIGM,
        "at_s": _AT,
        "channel": Column("int64", "", "number of the channel"),
        "value": Column("float64", "", "the value from this moment on, in the unit of the channel's quantity"),
    },
    "reservations": {
        "paradigm": _PARADIGM,
        "asset": _ASSET,
        "workload": _WORKLOAD,
        "from_s": Column("float64", "s", "first moment of the reservation"),
        "to_s": Column("float64", "s", "last moment of the reservation"),
        "share": Column(
            "float64", "", "share of the asset's pieces that it held; of users' equipment, at work in the mean"
        ),
    },
    "events": {
        "paradigm": _PARADIGM,
        "at_s": _AT,
        "event": Column("string", "", "one of the kinds of event"),
        "subject": Column("string", "", "whom it happened to"),
        "cause": Column("string", "", "why"),
    },
    "signals": {
        "paradigm": _PARADIGM,
        "signal": Column("string", "", "one of the signals, unit included"),
        "place": _PLACE,
        "at_s": _AT,
        "value": Column("float64", "", "holds from this moment until the next row"),
        "row": Column("string", "", "catalogue row, or `scenario`"),
        "source": Column("string", "", "where the value was read"),
    },
    "pue_curves": {
        "paradigm": _PARADIGM,
        "place": _PLACE,
        "it_power_w": Column("float64", "W", "what all IT assets of the place draw together; points rise"),
        "pue_ratio": Column("float64", "", "facility power over IT power at these watts; straight lines between"),
        "row": Column("string", "", "catalogue row, or `scenario`"),
        "source": Column("string", "", "where the curve was read"),
    },
    "embodied": {
        "paradigm": _PARADIGM,
        "asset": _ASSET,
        "item": Column("label", "", "what of the asset was made: itself, the rack or the building around it, a repair"),
        "phase": Column("label", "", "manufacture, transport or end_of_life"),
        "criterion": Column("label", "", "what the amount is of, unit included"),
        "amount": Column("float64", "", "what one of it cost, in the unit of the criterion; null: nobody says"),
        "per": Column("label", "", "one of what: a piece, a kW that it can draw, a km of cable, a gb carried"),
        "times": Column("float64", "", "how many of those a piece has; of what is shared by bits, for each bit"),
        "over": Column(
            "label", "", "what it is charged over: s, seconds that pieces count; active_s, held by workloads; b, bits"
        ),
        "lifetime_y": Column("float64", "y", "how long it lasts; null: it is charged by bits alone"),
        "duty_share": Column("float64", "", "share of its life in which it works; null: nobody says"),
        "low": Column("float64", "", "low end of the amount; null: no range is known"),
        "high": Column("float64", "", "high end of the amount; null: no range is known"),
        "low_y": Column("float64", "y", "low end of the lifetime; null: no range is known"),
        "high_y": Column("float64", "y", "high end of the lifetime; null: no range is known"),
        "row": Column("label", "", "catalogue row, or the file and line that say so"),
        "source": Column("label", "", "where the amount was read"),
        "confidence": Column("label", "", "how far to trust the amount"),
        "life_row": Column("label", "", "catalogue row of the lifetime, or `scenario`; empty: it has none"),
        "life_source": Column("label", "", "where the lifetime was read"),
        "life_confidence": Column("label", "", "how far to trust the lifetime; `given`: the scenario's word"),
    },
    "ticks": {
        "paradigm": _PARADIGM,
        "place": _PLACE,
        "workload": _WORKLOAD,
        "activity": _ACTIVITY,
        "at_s": Column("float64", "s", "start of the tick"),
        "length_s": Column("float64", "s", "length of the tick; the last may be short"),
        "power_w": Column("float64", "W", "mean power over the tick"),
        "energy_j": _JOULES,
    },
    "jobs": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "kind": Column("string", "", "kind of workload"),
        "at": Column("string", "", "place/group that it ran on"),
        "model": Column("string", "", "the model that was trained or served"),
        "dataset": Column("string", "", "the data that it was trained on, or that was prepared"),
        "status": Column("string", "", "finished, cancelled, unfinished, waiting (for machines) or not submitted"),
        "submit_s": Column("float64", "s", "when it asked for machines; null: it had not when the run ended"),
        "begin_s": Column("float64", "s", "when it first had them"),
        "end_s": Column("float64", "s", "when it ended"),
        "units": Column("int64", "", "servers or bare devices that it reserved: the replicas of a service"),
        "devices": Column(
            "int64", "", "accelerators, bare devices or servers without accelerators in use: spares stand by"
        ),
        "device_s": Column("float64", "s", "devices x time that it held them"),
        "done_share": Column("float64", "", "share of its plan done, requests answered, rounds that brought an update"),
        "time_mode": Column("string", "", "how its length was known"),
        "steps": Column("int64", "", "optimiser steps of the whole training, or rounds, as planned"),
        "step_s": Column("float64", "s", "time of one step, checkpoints included"),
        "samples": Column("float64", "", "samples of the whole workload, or requests of the service, as planned"),
        "work_flop": Column("float64", "FLOP", "model FLOPs of the whole training, as planned"),
        "mfu": Column("float64", "", "model FLOPs utilisation: work over devices x peak x time"),
        "hfu": Column("float64", "", "the same with what a layout computes again; null: no layout says"),
        "p5_s": Column(
            "float64", "s", "its length at P5 of what is expected; null: the scenario says its MFU or length"
        ),
        "p95_s": Column("float64", "s", "its length at P95 of what is expected"),
        "exposed_share": Column("float64", "", "share of its computing time spent waiting for each other or for data"),
        "effective_share": Column("float64", "", "of a training that is done: computing that counts over time held"),
        "failures": Column("int64", "", "how often its machines failed"),
        "lost_s": Column("float64", "s", "work that failures undo, as planned; null: its machines do not fail"),
        "boundary": Column(
            "string", "", "the boundary that its energy reaches, overhead excluded; null: it had no machines"
        ),
        "energy_j": Column("float64", "J", "drawn by the machines it reserved"),
        "pj_per_flop": Column("float64", "pJ/FLOP", "that energy over the work"),
    },
    "steps": {
        "paradigm": _PARADIGM,
        "workload": Column("label", "", "the training that it is a step of"),
        "step": Column("int64", "", "number of the step, from 1; only of trainings with `resolution: step`"),
        "done_s": Column("float64", "s", "when it was done for good"),
        "samples": Column("float64", "", "samples (or tokens) seen by then"),
        "loss_nats": Column(
            "float64", "nats", "loss a token, by the law that was asked for; null where it does not hold yet"
        ),
    },
    "transfers": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "from": Column("string", "", "what sends: a data centre, a group of its servers (place/group), or users"),
        "to": Column("string", "", "what receives: a data centre, a group of its servers (place/group), or users"),
        "size_bytes": Column("float64", "bytes", "what is to be moved"),
        "status": Column("string", "", "finished, cancelled, unfinished or not submitted"),
        "submit_s": Column("float64", "s", "when it was sent off; null: it had not been when the run ended"),
        "begin_s": Column("float64", "s", "when its latency was paid and its bytes began to flow"),
        "end_s": Column("float64", "s", "when the last byte had arrived, or it was given up"),
        "latency_s": Column(
            "float64", "s", "one way: half the round trip of its route, the last one; users' lines too"
        ),
        "km": Column("float64", "km", "length of its route, the last one where it was rerouted"),
        "hops": Column("int64", "", "cables and overland links of its route"),
        "cables": Column("string", "", "the cable of each hop whose kilometres count, with ` | ` between"),
        "waited_s": Column("float64", "s", "how long it waited for a way since it first began to flow"),
        "ways": Column("int64", "", "routes that it is spread over, of which this has most of its bits"),
        "reroutes": Column("int64", "", "how often it took another route with what was left"),
        "done_share": Column("float64", "", "share of its bytes that went through"),
        "mean_rate_bps": Column("float64", "bps", "its bits over the time from begin to end, once it is finished"),
    },
    "pings": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "from": Column("string", "", "a city"),
        "to": Column("string", "", "another one"),
        "at_s": _AT,
        "until_s": Column("float64", "s", "when the way became another, or the ping ended"),
        "rtt_s": Column("float64", "s", "round trip of one packet; null: there was no way, or none with room"),
        "km": Column("float64", "km", "length of the way"),
        "hops": Column("int64", "", "cables, overland links and satellite hops of the way"),
        "cables": Column("string", "", "the cable of each hop whose kilometres count, with ` | ` between"),
    },
    "rounds": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "round": Column("int64", "", "number of the round, from 0; an edge counts its own"),
        "begin_s": Column("float64", "s", "when its members were selected"),
        "close_s": Column("float64", "s", "when it closed: enough updates, or the deadline"),
        "end_s": Column("float64", "s", "when its updates were aggregated"),
        "selected": Column("int64", "", "devices, or groups of machines, that were selected"),
        "accepted": Column("int64", "", "updates that arrived in time and were waited for"),
        "dropped": Column("int64", "", "devices that dropped out before the close"),
        "late": Column("int64", "", "devices that were stopped at the close, or arrived beyond the number waited for"),
        "download_bytes": Column("float64", "bytes", "what the devices received, in vain or not"),
        "upload_bytes": Column("float64", "bytes", "what the devices sent, in vain or not"),
        "lost_bytes": Column("float64", "bytes", "what of it was sent in vain"),
        "links": Column(
            "string",
            "",
            "what held the transfers back: `own lines`, `shared` links, `cables` of machines; none: nothing sent",
        ),
    },
    "scores": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "step": Column("int64", "", "after which round of a learning, or epoch of a training; 0: before the first"),
        "at_s": _AT,
        "samples": Column("float64", "", "samples that the model has learned from by then, again and again"),
        "accuracy": Column("float64", "", "share of the test samples that it gets right; of many models the mean"),
        "loss_nats": Column("float64", "nats", "mean loss over the test samples"),
        "staleness": Column(
            "float64", "", "versions that its last updates were behind, the mean; null: all began with the newest"
        ),
    },
    "parameters": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "step": Column("int64", "", "as in `scores`; only of models of at most 16 parameters"),
        "parameter": Column("int64", "", "number of the parameter, from 0: layer by layer, weights before biases"),
        "value": Column("float64", "", "what it was"),
    },
    "participation": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "decile": Column("int64", "", "tenth of the users by speed, 1 the slowest; 0: all of them"),
        "users": Column("int64", "", "how many they are"),
        "selected": Column("int64", "", "how often one of them was selected"),
        "accepted": Column("int64", "", "how often an update of one of them was taken"),
        "gini": Column(
            "float64", "", "Gini coefficient of updates taken from each user, 0: equally many; null but of all"
        ),
    },
    "excess": {
        "paradigm": _PARADIGM,
        "workload": _WORKLOAD,
        "place": Column("string", "", "a city of a population that has excess power, as population/city"),
        "drawn_j": Column("float64", "J", "what its devices drew in rounds or sessions of the workload"),
        "excess_j": Column(
            "float64", "J", "what of it the excess power of the place carried, eighth by eighth of each"
        ),
        "grid_j": Column("float64", "J", "the rest of it; all of it is charged with the grid's intensity all the same"),
    },
    "trials": {
        "paradigm": _PARADIGM,
        "trial": Column("int64", "", "number of a training that was tried, from 0: the one with the scenario's rates"),
        "seed": Column("int64", "", "the seed that it ran with, which is not the result's; null: stated"),
        "chosen": Column("string", "", "yes: the result learns with these rates; else no; empty: stated"),
        "status": Column(
            "string",
            "",
            "reached (the target), missed (it), diverged; or stated: not tried here, a share of the training",
        ),
        "rate": Column("float64", "", "learning rate of a client; null: the scenario gives its workloads several"),
        "server_rate": Column("float64", "", "the same of the server; null: no algorithm has one, or they differ"),
        "rounds": Column("int64", "", "rounds (or epochs) that its models learned, together"),
        "time_s": Column("float64", "s", "to the end of its last workload, or of its own window"),
        "boundary": Column("string", "", "the widest boundary of operation, where its figures are; empty: none is"),
        "energy_j": Column("float64", "J", "what it drew, as the total `reserved` counts"),
        "co2e_kg": Column("float64", "kg", "its greenhouse gas, counted likewise"),
        "owned_energy_j": Column("float64", "J", "what it drew, as the total `owned` counts"),
        "owned_co2e_kg": Column("float64", "kg", "its greenhouse gas, counted likewise"),
    },
    "requests": {
        "paradigm": _PARADIGM,
        "workload": Column("label", "", "the service that was asked"),
        "asked_s": Column("float64", "s", "when its user asked; null: no users count"),
        "arrive_s": Column("float64", "s", "when it arrived at the service"),
        "begin_s": Column("float64", "s", "when a replica began to serve it; null: it was left waiting"),
        "end_s": Column("float64", "s", "when a replica had answered it; null: none had"),
        "told_s": Column("float64", "s", "when its user had the answer; null: not yet, or no users count"),
    },
}
"""Every table of a result folder and its columns: the only home of their names and units."""

SWEEP_COLUMNS = {
    "point": "the first 16 digits of the SHA-256 of the point's resolved scenario and of what computed it",
    "row": "which row of the sampled design it is; null where nothing is drawn",
    "replicate": "which of the repeats, from 0",
    "seed": "the seed that it ran with",
    "status": "ok, failed (with an error), timeout, killed (its process died), or missing (not run yet)",
    "error": "what went wrong, in a sentence",
    "paradigm": "the way of doing it that the row belongs to; null where the point did not end well",
}
"""What stands beside the factors and the measures in the table of a sweep."""
