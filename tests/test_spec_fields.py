"""Every field of every spec changes something observable: no key of a scenario is read and forgotten.

Each entry of `CHANGES` sets one value of a base scenario. The run must then record something
else: its tables and summary differ, or (for what is only recorded) its manifest does.
"""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from shapes import specs

from simulator import api
from simulator.errors import ScenarioError
from simulator.footprint.accounting.lineage import Kin, Lineage
from simulator.scenario.comparison import Comparison
from simulator.scenario.load import load_text
from simulator.scenario.override import set_values
from simulator.scenario.spec import Published, Scenario
from simulator.scenario.walk import Node, walk
from simulator.scenario.yaml_file import compose, read_nodes

ROOT = Path(__file__).parent.parent
GPUS = "devices: {gpus: {model: a100-sxm4-40gb, count: 4}}"
TRAIN = "train: {at: lab/gpus, time: 1 h, utilisation: 0.5}"


def scenario(groups: str = GPUS, workloads: str = f"workloads: [{TRAIN}]", more: str = "") -> str:
    """A small scenario: the groups of one place, what happens, and other lines."""
    return f"name: base\nworld:\n  datacenters:\n    lab:\n      grid: FR\n      {groups}\n{workloads}\n{more}"


def training(fields: str, groups: str = GPUS) -> str:
    return scenario(groups, f"workloads: [train: {{at: lab/gpus, {fields}}}]")


def powered(power: str) -> str:
    return scenario(f"devices: {{gpus: {{model: a100-sxm4-40gb, count: 4, power: {power}}}}}")


NODES = scenario(
    "servers: {nodes: {model: dgx-a100, count: 2}}",
    "workloads: [train: {at: lab/nodes, units: 1, time: 1 h, utilisation: 0.5}]",
)
PARTS = scenario(
    """servers:
        gpus:
          accelerator: a100-sxm4-40gb
          accelerators: 8
          host: {cpu: amd-epyc-7742, cpus: 2, power: {kind: constant, power: 200 W}, load: 0.5, rest: 600 W}
          psu_efficiency: 0.94
          count: 2"""
)
LOADED_HOST = PARTS.replace("{kind: constant, power: 200 W}", "{kind: linear, idle: 50 W, max: 200 W}")
METERED = scenario(
    """servers:
        gpus: {accelerator: a100-sxm4-40gb, accelerators: 8, node_power: {kind: constant, power: 5 kW}, count: 2}""",
    "workloads: [train: {at: lab/gpus, units: 1, time: 1 h, utilisation: 0.5, precision: bf16, work: 1 EFLOP}]",
)
REGION = scenario().replace("grid: FR", "region: gcp:europe-west9")
SUNNY = scenario(more="start: 2025-06-21T00:00+02:00").replace("grid: FR", "grid_series: scenarios/small/solar_day.csv")
CITY = scenario().replace("grid: FR", "city: grenoble")
NEW_YEAR = scenario(more="start: 2025-01-01T00:00+00:00")
EXPORT = NEW_YEAR.replace(
    "grid: FR", "grid_series: {file: tests/data/electricity_maps.csv, column: life_cycle, zone: FR}"
)
LOCAL_HOURS = NEW_YEAR.replace(
    "grid: FR", "grid_series: {file: tests/data/local_hours.csv, column: avg_ci, timezone: Europe/Paris}"
)
UNEVEN = NEW_YEAR.replace("grid: FR", "grid_series: {file: tests/data/changing_grid.csv}")
SHAPED = NEW_YEAR.replace("grid: FR", "grid_shape: {shape: nuclear, zone: FR}")
SHAPED_BY_MEAN = NEW_YEAR.replace("grid: FR", "grid_shape: {shape: nuclear, mean: 50 gCO2e/kWh}")
CLAIMED = scenario().replace("grid: FR", "grid: FR\n      grid_claim: {intensity: 0 gCO2e/kWh, instrument: a contract}")
CURVED = powered("{kind: piecewise, points: [[0, 60 W], [0.5, 300 W], [1, 390 W]]}")
PHASES = powered("{kind: phase, idle: 50 W, floor: 100 W, memory: 80 W, flop: 200 W, max: 300 W}").replace(
    "utilisation: 0.5", "utilisation: 0.5, memory_utilisation: 0.2"
)
USED_PHASES = PHASES.replace("count: 4", "count: 4, owned: always").replace("train: {", "train: {units: 1, ")
CPU_CURVE = powered("{kind: log, curve: xeon-gold}").replace("a100-sxm4-40gb", "intel-xeon-gold-6148")
OWN_CURVE = powered("{kind: log, curve: {a: 35.6, b: 0.244, c: 9.67, d: -0.61}}").replace(
    "a100-sxm4-40gb", "intel-xeon-gold-6148"
)
CAPPED = powered("{kind: cap, at: 180 W, of: {kind: linear, max: 250 W}}")
STEPPED = powered("{kind: stepped, idle: 50 W, epsilon: 100 W, max: 300 W}")
FLOPS = training("mfu: 0.4, precision: bf16, work: 1 EFLOP, utilisation: 0.5")
SEEN = training("time: 1 h, steps: 100, batch: 16")
PAUSED = training("time: 1 h, utilisation: 0.9, checkpoint: {every: 10 min, time: 1 min, load: 0.1}")
WAITING = training("step_time: 5 s, steps: 10, utilisation: 0.9, communication: 0.2, wait_utilisation: 0.3")
READ = training(
    "mfu: 0.4, precision: bf16, work: 1 EFLOP, dataset: laion-400m, epochs: 1, utilisation: 0.5, input: 1 Gbps"
)
UNEQUAL = training("mfu: 0.4, precision: bf16, work: 1 EFLOP, utilisation: 0.5, stragglers: 1.2")
LOSING = training(
    "time: 10 h, utilisation: 0.9, checkpoint: {every: young-daly, time: 1 min, load: 0.1}, "
    "failures: {rate: 6, restart: 2 min, repair: 1 h, spares: 1}"
)
LAID_OUT = scenario(
    "servers: {nodes: {model: dgx-a100, count: 4}}",
    """workloads:
  - train: {at: lab/nodes, model: llama-7b, steps: 10, batch: 131072, sequence: 2048, precision: bf16, utilisation: 0.5,
      wait_utilisation: 0.4, layout: {tensor: 2, pipeline: 2, interleave: 2, micro_batch: 2, recompute: selective,
      attention: stored, all_reduce: ring, overlap: 0.5}}""",
)
TELLING = training(
    "model: pythia-410m, step_time: 5 s, steps: 10, batch: 4194304, utilisation: 0.9, communication: 0.2, "
    "resolution: step, loss: hoffmann-2022"
)
TWO = scenario(workloads=f"workloads:\n  - {TRAIN}\n  - {TRAIN.replace('{', '{name: second, ')}")
QUEUE = scenario(
    workloads=f"workloads:\n  - {TRAIN}\n  - {TRAIN.replace('{', '{name: second, ')}\n"
    f"  - {TRAIN.replace('{', '{name: third, priority: 0, ')}"
)
OWN = scenario(
    workloads="workloads: [train: {at: lab/gpus, model: gru, dataset: sentences, epochs: 1, time: 1 h}]",
    more="""models:
  gru: {parameters: 1.4e6, bytes_per_parameter: 4 B, forward_flop_per_sample: 2.8 MFLOP, sample_unit: token}
datasets: {sentences: {samples: 6e8, bytes_per_sample: 40 B, tokens: 2.46e9}}""",
)
CHARGED = scenario(more="footprint: {rule: reserved}")
LIVED = scenario(more="footprint: {lives: {a100-sxm4-40gb: {lifetime: 5 y}}}")
RETIRED = LIVED.replace("lifetime: 5 y", "lifetime: 5 y, retired: {after: 3 y}")
HANDED = scenario(
    more="footprint: {lives: {accelerator: {lifetime: 5 y, second_hand: {first: 2 y, split: price, resale: 0.5}}}}"
)
HALF_A_LIFE = HANDED.replace("split: price, resale: 0.5", "owner: second")
TRIED = scenario(more="footprint: {development: {ratio: 0.5, source: our notes}}")
ANCESTORS = "base: {impact: 11 tCO2e, children: 3, use: 10, value: 1}, old: {impact: 1 tCO2e, use: 1, value: 1}"
TUNED = "tuned: {trains: train, parents: [base], use: 5, value: 1}"
MADE_FROM = scenario(
    workloads=f"workloads: [{TRAIN}, {TRAIN.replace('at:', 'name: other, at:')}]",
    more=f"footprint: {{lineage: {{rule: equal, of: tuned, models: {{{ANCESTORS}, {TUNED}}}}}}}",
)
KIN = "footprint.lineage.models.base"
PULLED = scenario(more="levers: {it: {pue: 1.1}}")
MENDED = scenario(more="levers: {it: {repair: {repairs: 1, lifetime: 4 y}}}")
HANDED_ON = scenario(more="levers: {it: {second_hand: {first: 2 y, lifetime: 4 y, split: price, resale: 0.5}}}")
SENT = """name: base
world:
  year: 2025
  datacenters: {store: {city: paris, uplink: 10 Gbps}, far: {city: oslo}, lab: {city: grenoble}}
workloads:
  - transfer: {size: 1 TB, from: store, to: lab, start: 1 min}
"""
TOLD = SENT.replace("year: 2025", "year: 2025\n  network: {energy: average}")
MOVED = (
    SENT.replace("size: 1 TB", "{what}")
    + """
models: {gru: {parameters: 1.4e6, bytes_per_parameter: 4 B}}
datasets: {sentences: {samples: 6e8, bytes_per_sample: 40 B}}
"""
)
MODEL, DATASET = (MOVED.replace("{what}", what) for what in ("model: gru", "dataset: sentences"))
BUILT = scenario(
    "servers: {nodes: {model: dgx-a100, count: 1}}",
    "workloads: [train: {at: lab/nodes, model: own, steps: 10, batch: 65536, sequence: 2048, precision: bf16, "
    "layout: {micro_batch: 1, all_reduce: ring}}]",
    "models: {own: {parameters: 1.2e9, architecture: "
    "{layers: 24, hidden: 2048, heads: 16, ffn: 8192, vocabulary: 50000}}}",
)
COUNTED = BUILT.replace("layout: {micro_batch: 1, all_reduce: ring}", "time: 1 h")
APART = """name: base
world:
  year: 2025
  datacenters:
    lab: {city: paris, uplink: 10 Gbps, servers: {gpus: {model: dgx-a100, count: 1}}}
    sea: {city: marseille, servers: {gpus: {model: dgx-a100, count: 1}}}
    far: {city: oslo, servers: {gpus: {model: dgx-a100, count: 1}}}
workloads:
  - train: {at: lab/gpus, model: llama-7b, steps: 100, step_time: 2 s, across: {groups: [sea/gpus], every: 50}}
"""
SENT_TWICE = f"{SENT}  - transfer: {{name: second, size: 1 TB, from: store, to: lab}}\n"
INNER = """name: base
world:
  datacenters:
    lab:
      grid: FR
      servers:
        nodes: {model: dgx-a100, count: 1, fabric: infiniband-hdr, ports: 8}
        parts:
          accelerator: a100-sxm4-40gb
          accelerators: 8
          host: {cpu: amd-epyc-7742, cpus: 2, power: {kind: constant, power: 200 W}, load: 0.5, rest: 600 W}
          psu_efficiency: 0.94
          count: 1
          fabric: infiniband-hdr
          ports: 8
        whole:
          accelerator: a100-sxm4-40gb
          accelerators: 8
          node_power: {kind: constant, power: 5 kW}
          count: 1
          fabric: infiniband-hdr
          ports: 8
workloads:
  - transfer: {name: one, size: 1 TB, from: lab/nodes, to: lab/parts}
  - transfer: {name: two, size: 1 TB, from: lab/whole, to: lab/nodes}
"""
JOINED = "world.datacenters.lab.servers"
PREPARE = "prepare: {at: lab/cpus, samples: 1e5, size: 1 TB, read: 1 GB/s, cpu_time: 1 ms, host_cores: 64}"
CPUS = "servers: {cpus: {model: 2xepyc-9654, count: 2}, more: {model: r740, count: 2}}"
PREPARED = scenario(CPUS, f"workloads: [{PREPARE}]")
CRUNCHED = PREPARED.replace("1 ms", "1 s").replace("host_cores: 64", "host_cores: 64, cores: 32")
PREPARED_SET = PREPARED.replace("samples: 1e5, size: 1 TB", "dataset: laion-400m")
SECOND = PREPARE.replace("at:", "name: second, at:")
PREPARED_APART = scenario(CPUS, f"workloads: [{PREPARE}, {SECOND}]").replace("at:", "units: 1, at:")
PREPARED_QUEUE = scenario(CPUS, f"workloads: [{PREPARE}, {SECOND}, {PREPARE.replace('at:', 'name: third, at:')}]")
SERVE = "serve: {at: lab/gpus, replicas: 2, requests: 50, during: 100 s, service_time: 3 s, service: exponential}"
SERVED = scenario(workloads=f"workloads: [{SERVE}]")
SERVED_LAST = scenario(workloads=f"workloads:\n  - {TRAIN}\n  - {SERVE.replace('{', '{priority: 0, ')}")
WAYS = scenario(
    workloads=f"paradigms: {{a: [{TRAIN}], b: [{TRAIN}]}}",
    more="published: [{paradigm: a, boundary: accelerator, energy: 1 kWh, co2e: 1 kgCO2e, source: a paper}]",
)

CABLES = """name: base
world:
  year: 2025
  datacenters: {store: {city: marseille, uplink: 10 Gbps}, lab: {city: mumbai, uplink: 10 Gbps}, sea: {city: nukualofa}}
  network:
    routing: capacity
    cables: {peace: 100 Gbps}
    overland: {middle-east: 10 Gbps}
    demands: [{from: london, to: mumbai, rate: 50 Tbps}]
    satellites: [{place: nukualofa, station: mumbai, capacity: 50 Mbps}]
    events:
      - cut: {at: 10 s, cables: [peace, tonga], segments: [marea:virginia-beach:bilbao], repair: 5 min}
      - outage: {at: 20 s, landing: mumbai, repair: 1 min}
      - closure: {at: 30 s, choke_point: red-sea, repair: 2 min}
workloads:
  - transfer: {size: 1 TB, from: store, to: lab}
  - transfer: {name: isle, size: 1 GB, from: lab, to: sea, rate_cap: 100 Mbps}
  - ping: {name: atlantic, from: washington, to: madrid, during: 10 min}
  - ping: {from: london, to: mumbai, during: 10 min}
"""
PINGED = """name: base
world: {year: 2025, datacenters: {}}
workloads:
  - ping: {name: first, from: paris, to: tokyo, during: 1 h}
  - ping: {from: london, to: mumbai, during: 10 min}
"""

CROWD = """name: base
world:
  year: 2025
  datacenters:
    lab: {city: grenoble, uplink: 10 Gbps, devices: {gpus: {model: a100-sxm4-40gb, count: 4}}}
    spare: {city: grenoble, uplink: 10 Gbps, devices: {gpus: {model: a100-sxm4-40gb, count: 4}}}
    store: {city: oslo, uplink: 10 Gbps}
  populations:
    phones: &phones
      device: smartphone
      count: 1000
      places: {paris: 0.5, lyon: 0.5}
      access: {wifi: 0.5, 4g: 0.5}
      state: charging
      account: marginal
      samples: 10
      power: {compute: 3 W, receive: 1 W, send: 2 W, idle: 0.5 W}
    tablets: *phones
models: {gru: {parameters: 1.4e6, bytes_per_parameter: 4 B, forward_flop_per_sample: 1 MFLOP, sample_unit: token}}
datasets:
  sentences: {samples: 6e4, bytes_per_sample: 40 B}
  words: {samples: 3e4, bytes_per_sample: 30 B}
workloads:
"""
LEARN = (
    CROWD
    + """  - federate: {algorithm: fedavg, model: gru, clients: phones, server: lab/gpus, rounds: 2, cohort: 20,
      sample_time: 2 s, aggregation: 5 s, utilisation: 0.5}
"""
)
LEARN_TWICE = LEARN + LEARN.removeprefix(CROWD).replace("{algorithm", "{name: second, units: 2, algorithm").replace(
    "lab/gpus", "spare/gpus"
)
QUEUED = LEARN + "".join(
    LEARN.removeprefix(CROWD).replace("{algorithm", f"{{name: {name}, algorithm") for name in ("second", "third")
)
WORDS = LEARN.replace("samples: 10\n", "speed_spread: 1\n").replace("clients:", "dataset: sentences, clients:")
ASKED = (
    CROWD
    + """  - serve: {at: lab/gpus, requests: 50, during: 100 s, service_time: 3 s, service: constant,
      users: phones, request: 1 kB, response: 100 kB}
"""
)
COLLECT = f"{CROWD}  - collect: {{from: [phones, store], to: lab, size: 1 GB, during: 1 h}}\n"
DISTRIBUTE = f"{CROWD}  - distribute: {{from: lab, to: [phones, store], size: 1 MB, during: 1 h}}\n"
COLLECT_TWICE, DISTRIBUTE_TWICE = (
    base + base.removeprefix(CROWD).replace("{from", "{name: second, from") for base in (COLLECT, DISTRIBUTE)
)

DIGITS = "tasks: {digits: {data: digits, model: softmax, clients: 10}}\n"
SEARCHED = (
    LEARN.replace("rounds: 2", "learn: {task: digits, rate: 0.1, batch: 10}, rounds: 2")
    + DIGITS
    + "comparison: {functional_unit: one trained model, target: {accuracy: 0.9},"
    " search: {budget: 2, rates: [0.01, 1], server_rates: [0.5, 2]}}\n"
)
TWO_LEARNERS = (
    scenario(
        workloads="workloads:"
        + "".join(
            f"\n  - train: {{name: {name}, units: 2, at: lab/gpus, model: tiny, dataset: pictures, mfu: {mfu},"
            f" precision: bf16, epochs: 60, learn: {{task: digits, rate: 10, batch: {batch}}}}}"
            for name, mfu, batch in (("slow", 0.02, 5), ("quick", 0.4, 300))
        )
    )
    + DIGITS
    + """seed: 5
models: {tiny: {parameters: 1e6, bytes_per_parameter: 4 B, forward_flop_per_sample: 1 TFLOP, sample_unit: image}}
datasets: {pictures: {samples: 1e5}}
comparison: {functional_unit: two models, target: {accuracy: 0.9}, search: {budget: 4, rates: [0.1, 30]}}
"""
)
"""What is over soonest is not what draws least: the slow one's epochs count for both, the quick one's for joules."""

COMPARED = scenario(more="comparison: {functional_unit: one trained model, units: 2, shows: reserved}")

GROUP, NODE, METER = (f"world.datacenters.lab.{group}" for group in ("devices.gpus", "servers.nodes", "servers.gpus"))
TRAINING, SENDING, FIGURE = "workloads.0.train", "workloads.0.transfer", "published.0"
PREPARING = "workloads.0.prepare"
SERVING = "workloads.0.serve"
USERS, LEARNING = "world.populations.phones", "workloads.0.federate"


NETWORK, EVENT, PINGING = "world.network", "world.network.events", "workloads.1.ping"


def there(said: str) -> str:
    """The learning whose devices are there when this says so."""
    return LEARN.replace("samples: 10\n", f"samples: 10\n      {said}\n")


HOURS = "available: {kind: diurnal, mean: 0.01, night_over_day: 4, peak: 3 h}"
TRACED = "available: {kind: trace, file: tests/data/clients_on.csv}"
ELIGIBLE = "eligible: {charging: 0.5, idle: 0.4}"


def learning(more: str = "", task: str = "data: digits, model: softmax, clients: 10", target: str = "") -> str:
    """A learning whose model really learns a task, with other fields beside."""
    base = LEARN.replace("rounds: 2", f"{more}learn: {{task: digits, rate: 0.1, batch: 10}}, rounds: 2")
    return base + f"tasks: {{digits: {{{task}}}, other: {{data: iris, model: softmax, clients: 10}}}}\n" + target


def by(algorithm: str) -> str:
    """The learning by an algorithm, with a model that really learns."""
    return learning().replace("algorithm: fedavg", f"algorithm: {algorithm}")


TARGET = "comparison: {functional_unit: one trained model, target: {accuracy: 0.6}}\n"
CURVE = LEARN.replace("rounds: 2", "curve: [[2, 0.5], [6, 0.7]]") + TARGET
ASSUMED = LEARN.replace("rounds: 2, ", "") + TARGET.replace("accuracy: 0.6", "rounds: 3")
SMALLER = learning("compression: {up: {bits: 8}, down: {bits: 8}}, ")
THINNED = learning("compression: {up: {share: 0.1}}, ")
PRIVATE = learning("privacy: {clip: 0.1, noise: 0.5}, ")
SECURE = LEARN.replace("rounds: 2", "secure_aggregation: {}, rounds: 2")
USEFUL = LEARN.replace(
    "rounds: 2", "selection: {kind: utility, exploration: 0.5, preferred: 30 s, exponent: 2}, rounds: 9"
).replace("samples: 10\n", "samples: 10\n      samples_spread: 3\n")
CLEAN = LEARN.replace("rounds: 2", "selection: carbon, rounds: 2").replace(
    "paris: 0.5, lyon: 0.5", "paris: 0.5, warsaw: 0.5"
)
SUNLIT = (
    there("excess: {paris: 40 W, lyon: 50 W}")
    .replace("rounds: 2", "selection: {kind: excess, least_epochs: 0.5}, rounds: 2")
    .replace("world:", "start: 2025-06-21\nworld:")
)
"""Twenty phones of 2.5 W wait for the sun, longer for all of it than for half."""
EVEN = LEARN.replace("rounds: 2", "selection: {kind: fair, exponent: 1}, rounds: 60")
SLOTS = by("{kind: fedbuff, concurrency: 10, buffer: 3, timeout: 60 s}").replace("cohort: 20,", "")
WINDOWS = by("{kind: semi-async, concurrency: 10, window: 20 s, rate: 0.5, exponent: 0.5}").replace("cohort: 20,", "")
TABLE = learning(task="data: {csv: tests/data/samples.csv, label: kind, client: who}, model: softmax, clients: 4")
OWNED = TABLE.replace("clients: 4", "partition: {kind: natural, by: client}")
TAUGHT = scenario(
    workloads="workloads: [train: {at: lab/gpus, model: tiny, dataset: pictures, mfu: 0.4, precision: bf16, epochs: 3,"
    " learn: {task: digits, rate: 0.1, batch: 10}}]",
    more="tasks: {digits: {data: digits, model: softmax, clients: 10}}\n"
    "models: {tiny: {parameters: 1e6, forward_flop_per_sample: 1 MFLOP, sample_unit: image}}\n"
    "datasets: {pictures: {samples: 1e6}}\n"
    "comparison: {functional_unit: one trained model, target: {accuracy: 0.92}}\n",
)
SITES = CROWD.replace(
    "    store:",
    "".join(
        f"    {name}: {{city: {city}, uplink: 10 Gbps, devices: {{gpus: {{model: a100-sxm4-40gb, count: 4}}}}}}\n"
        for name, city in (("far", "berlin"), ("near", "lyon"))
    )
    + "    store:",
)
SILOS = (
    SITES.replace("workloads:\n", "")
    + """workloads:
  - federate: {algorithm: fedavg, model: gru, dataset: sentences, clients: [lab/gpus, spare/gpus], server: far/gpus,
      rounds: 2, mfu: 0.3, precision: fp16, client_utilisation: 0.5, aggregation: 5 s, utilisation: 0.5}
"""
)
GOSSIP = (
    SILOS.replace("algorithm: fedavg", "algorithm: {kind: gossip, topology: {kind: ring}}")
    .replace(
        "clients: [lab/gpus, spare/gpus], server: far/gpus,", "clients: [lab/gpus, spare/gpus, far/gpus, near/gpus],"
    )
    .replace(", aggregation: 5 s, utilisation: 0.5", "")
)
EDGES = (
    (SITES + LEARN.removeprefix(CROWD))
    .replace("algorithm: fedavg", "algorithm: {kind: hierarchical, edges: [far/gpus, spare/gpus], edge_rounds: 2}")
    .replace("clients: phones", "clients: [phones, tablets]")
)
AROUND = GOSSIP.replace("{kind: gossip, topology: {kind: ring}}", "{kind: ring}")
HALVES = SILOS.replace(
    "algorithm: fedavg", "algorithm: {kind: split, cut: 1 kB, part: 1 MB, share: 0.25, batch: 100}"
).replace(", aggregation: 5 s, utilisation: 0.5", "")
LEARNT, TASK = f"{LEARNING}.algorithm", "tasks.digits"


class Change(NamedTuple):
    """One value of a base scenario set to another: its path and what is written there."""

    base: str
    path: str
    value: str


def moving_changes(kind: str, base: str, twice: str, ends: dict[str, str]) -> dict[str, Change]:
    """The changes of a kind that moves data between one and several."""
    at = f"workloads.0.{kind.lower()}"
    size = "size: 1 GB" if "1 GB" in base else "size: 1 MB"
    fields = {
        "name": Change(base, f"{at}.name", "night"),
        "after": Change(twice, f"workloads.1.{kind.lower()}.after", kind.lower()),
        "start": Change(base, f"{at}.start", "1 min"),
        "dataset": Change(base.replace(size, "dataset: sentences"), f"{at}.dataset", "words"),
        "model": Change(base.replace(size, "model: gru"), f"{at}.model", "alexnet"),
        "size": Change(base, f"{at}.size", "3 MB"),
        "during": Change(base, f"{at}.during", "2 h"),
        "latency": Change(base, f"{at}.latency", "lower_bound"),
        **{end: Change(base, f"{at}.{end}", value) for end, value in ends.items()},
    }
    return {f"{kind}.{field}": change for field, change in fields.items()}


CHANGES = {
    "Scenario.name": Change(scenario(), "name", "other"),
    "Scenario.seed": Change(LEARN, "seed", "8"),
    "Scenario.start": Change(scenario(), "start", "2024-02-29"),
    "Scenario.horizon": Change(scenario(more="horizon: 20 min"), "horizon", "30 min"),
    "Scenario.tick": Change(scenario(more="tick: 5 min"), "tick", "7 min"),
    "Scenario.world": Change(
        scenario(), "world", "{datacenters: {lab: {grid: FR, devices: {gpus: {model: tpu-v4, count: 4}}}}}"
    ),
    "Scenario.models": Change(
        OWN, "models", "{gru: {parameters: 1e6, forward_flop_per_sample: 1 MFLOP, sample_unit: token}}"
    ),
    "Scenario.datasets": Change(OWN, "datasets", "{sentences: {samples: 6e8, tokens: 1e9}}"),
    "Scenario.comparison": Change(scenario(), "comparison", "{functional_unit: one trained model}"),
    "Comparison.functional_unit": Change(COMPARED, "comparison.functional_unit", "one answer"),
    "Comparison.units": Change(COMPARED, "comparison.units", "3"),
    "Comparison.repeats": Change(COMPARED, "comparison.repeats", "2"),
    "Comparison.shows": Change(COMPARED, "comparison.shows", "owned"),
    "OwnModel.parameters": Change(MODEL, "models.gru.parameters", "1e6"),
    "OwnModel.bytes_per_parameter": Change(MODEL, "models.gru.bytes_per_parameter", "2 B"),
    "OwnModel.forward_flop_per_sample": Change(OWN, "models.gru.forward_flop_per_sample", "1 MFLOP"),
    "OwnModel.architecture": Change(
        COUNTED,
        "models.own.architecture",
        "{layers: 12, hidden: 2048, heads: 16, ffn: 8192, vocabulary: 50000}",
    ),
    "Architecture.layers": Change(BUILT, "models.own.architecture.layers", "12"),
    "Architecture.hidden": Change(BUILT, "models.own.architecture.hidden", "1024"),
    "Architecture.heads": Change(BUILT, "models.own.architecture.heads", "8"),
    "Architecture.kv_heads": Change(COUNTED, "models.own.architecture.kv_heads", "4"),
    "Architecture.ffn": Change(COUNTED, "models.own.architecture.ffn", "4096"),
    "Architecture.gated": Change(COUNTED, "models.own.architecture.gated", "true"),
    "Architecture.experts_per_token": Change(COUNTED, "models.own.architecture.experts_per_token", "2"),
    "Architecture.vocabulary": Change(BUILT, "models.own.architecture.vocabulary", "100000"),
    "OwnModel.sample_unit": Change(OWN, "models.gru.sample_unit", "row"),
    "OwnDataset.samples": Change(OWN.replace("token}", "row}"), "datasets.sentences.samples", "5e8"),
    "OwnDataset.bytes_per_sample": Change(DATASET, "datasets.sentences.bytes_per_sample", "30 B"),
    "OwnDataset.tokens": Change(OWN, "datasets.sentences.tokens", "1e9"),
    "Scenario.workloads": Change(scenario(), "workloads", "[train: {at: lab/gpus, time: 2 h, utilisation: 0.5}]"),
    "Scenario.paradigms": Change(WAYS, "paradigms", f"{{a: [{TRAIN}]}}"),
    "Scenario.published": Change(scenario(), "published", "[{boundary: server, energy: 1 kWh, source: a paper}]"),
    "WorldSpec.datacenters": Change(
        scenario(), "world.datacenters", "{lab: {grid: DE, devices: {gpus: {model: a100-sxm4-40gb, count: 4}}}}"
    ),
    "Datacenter.region": Change(REGION, "world.datacenters.lab.region", "gcp:europe-west4"),
    "Datacenter.city": Change(CITY, "world.datacenters.lab.city", "oslo"),
    "Datacenter.grid": Change(scenario(), "world.datacenters.lab.grid", "57 gCO2e/kWh"),
    "Datacenter.grid_shape": Change(
        SHAPED, "world.datacenters.lab.grid_shape", "{shape: wind-gas, mean: 50 gCO2e/kWh}"
    ),
    "Datacenter.grid_claim": Change(
        CLAIMED, "world.datacenters.lab.grid_claim", "{intensity: 9 gCO2e/kWh, instrument: another}"
    ),
    "GridSeries.file": Change(
        SUNNY.replace("scenarios/small/solar_day.csv", "{file: scenarios/small/solar_day.csv}"),
        "world.datacenters.lab.grid_series.file",
        "tests/data/flat_grid.csv",
    ),
    "GridSeries.column": Change(EXPORT, "world.datacenters.lab.grid_series.column", "direct"),
    "GridSeries.zone": Change(EXPORT, "world.datacenters.lab.grid_series.zone", "DE"),
    "GridSeries.timezone": Change(LOCAL_HOURS, "world.datacenters.lab.grid_series.timezone", "Europe/London"),
    "GridSeries.gaps": Change(UNEVEN, "world.datacenters.lab.grid_series.gaps", "hold"),
    "GridShape.shape": Change(SHAPED, "world.datacenters.lab.grid_shape.shape", "wind-gas"),
    "GridShape.mean": Change(SHAPED_BY_MEAN, "world.datacenters.lab.grid_shape.mean", "60 gCO2e/kWh"),
    "GridShape.zone": Change(SHAPED, "world.datacenters.lab.grid_shape.zone", "DE"),
    "GridShape.noise": Change(SHAPED, "world.datacenters.lab.grid_shape.noise", "false"),
    "GridClaim.intensity": Change(CLAIMED, "world.datacenters.lab.grid_claim.intensity", "9 gCO2e/kWh"),
    "GridClaim.instrument": Change(CLAIMED, "world.datacenters.lab.grid_claim.instrument", "another"),
    "Datacenter.wue": Change(scenario(), "world.datacenters.lab.wue", "1.8"),
    "Datacenter.grid_series": Change(SUNNY, "world.datacenters.lab.grid_series", "tests/data/flat_grid.csv"),
    "Datacenter.pue": Change(scenario().replace("grid:", "pue: 1.1\n      grid:"), "world.datacenters.lab.pue", "1.2"),
    "Datacenter.servers": Change(
        scenario(), "world.datacenters.lab.servers", "{spare: {model: dgx-a100, count: 1, owned: always}}"
    ),
    "Datacenter.devices": Change(
        NODES, "world.datacenters.lab.devices", "{spare: {model: a100-sxm4-40gb, count: 1, owned: always}}"
    ),
    "DeviceGroup.model": Change(scenario(), f"{GROUP}.model", "a100-pcie-40gb"),
    "DeviceGroup.count": Change(scenario(), f"{GROUP}.count", "5"),
    "DeviceGroup.power": Change(scenario(), f"{GROUP}.power", "{kind: constant, power: 250 W}"),
    "DeviceGroup.owned": Change(training("units: 1, time: 1 h, utilisation: 0.5"), f"{GROUP}.owned", "always"),
    "CatalogueServer.model": Change(NODES, f"{NODE}.model", "supermicro-8xh100"),
    "CatalogueServer.count": Change(NODES, f"{NODE}.count", "3"),
    "CatalogueServer.power": Change(NODES, f"{NODE}.power", "{kind: linear, max: 300 W}"),
    "CatalogueServer.host_at_load": Change(NODES, f"{NODE}.host_at_load", "0.5"),
    **{
        f"{spec}.{field}": Change(INNER, f"{JOINED}.{group}.{field}", value)
        for spec, group in (("CatalogueServer", "nodes"), ("PartsServer", "parts"), ("MeteredServer", "whole"))
        for field, value in (("fabric", "infiniband-edr"), ("ports", "4"))
    },
    "CatalogueServer.owned": Change(NODES, f"{NODE}.owned", "always"),
    "PartsServer.accelerator": Change(PARTS, f"{METER}.accelerator", "a100-pcie-40gb"),
    "PartsServer.accelerators": Change(PARTS, f"{METER}.accelerators", "4"),
    "PartsServer.host": Change(
        PARTS, f"{METER}.host", "{cpu: amd-epyc-7742, cpus: 2, power: {kind: constant, power: 1 W}, load: 0, rest: 1 W}"
    ),
    "PartsServer.psu_efficiency": Change(PARTS, f"{METER}.psu_efficiency", "0.9"),
    "PartsServer.count": Change(PARTS, f"{METER}.count", "3"),
    "PartsServer.power": Change(PARTS, f"{METER}.power", "{kind: linear, max: 300 W}"),
    "PartsServer.owned": Change(PARTS.replace("train: {", "train: {units: 1, "), f"{METER}.owned", "always"),
    "Host.cpu": Change(PARTS, f"{METER}.host.cpu", "amd-epyc-7763"),
    "Host.cpus": Change(PARTS, f"{METER}.host.cpus", "1"),
    "Host.power": Change(PARTS, f"{METER}.host.power", "{kind: constant, power: 100 W}"),
    "Host.load": Change(LOADED_HOST, f"{METER}.host.load", "0.9"),
    "Host.rest": Change(PARTS, f"{METER}.host.rest", "300 W"),
    "MeteredServer.accelerator": Change(METERED, f"{METER}.accelerator", "h100-sxm5-80gb"),
    "MeteredServer.accelerators": Change(METERED, f"{METER}.accelerators", "4"),
    "MeteredServer.node_power": Change(METERED, f"{METER}.node_power", "{kind: linear, idle: 1 kW, max: 4 kW}"),
    "MeteredServer.count": Change(METERED, f"{METER}.count", "3"),
    "MeteredServer.owned": Change(METERED, f"{METER}.owned", "always"),
    "Constant.kind": Change(powered("{kind: constant, power: 250 W}"), f"{GROUP}.power.kind", "linear"),
    "Constant.power": Change(powered("{kind: constant, power: 250 W}"), f"{GROUP}.power.power", "tdp"),
    "Linear.kind": Change(powered("{kind: linear, max: 300 W}"), f"{GROUP}.power.kind", "constant"),
    "Linear.idle": Change(powered("{kind: linear}"), f"{GROUP}.power.idle", "20 W"),
    "Linear.max": Change(powered("{kind: linear}"), f"{GROUP}.power.max", "300 W"),
    "Stepped.kind": Change(STEPPED, f"{GROUP}.power.kind", "linear"),
    "Stepped.idle": Change(
        STEPPED.replace("count: 4", "count: 4, owned: always").replace("train: {", "train: {units: 1, "),
        f"{GROUP}.power.idle",
        "20 W",
    ),
    "Stepped.epsilon": Change(STEPPED, f"{GROUP}.power.epsilon", "150 W"),
    "Stepped.max": Change(STEPPED, f"{GROUP}.power.max", "tdp"),
    "PueByLoad.by_load": Change(
        scenario().replace("grid:", "pue: {by_load: [[0, 2.0], [1, 1.2]]}\n      grid:"),
        "world.datacenters.lab.pue.by_load",
        "[[0, 2.0], [1, 1.3]]",
    ),
    "Piecewise.kind": Change(CURVED, f"{GROUP}.power.kind", "linear"),
    "Piecewise.points": Change(CURVED, f"{GROUP}.power.points", "[[0, 60 W], [0.5, 310 W], [1, 390 W]]"),
    "Phase.kind": Change(PHASES, f"{GROUP}.power.kind", "linear"),
    "Phase.idle": Change(USED_PHASES, f"{GROUP}.power.idle", "20 W"),
    "Phase.floor": Change(PHASES, f"{GROUP}.power.floor", "110 W"),
    "Phase.memory": Change(PHASES, f"{GROUP}.power.memory", "90 W"),
    "Phase.flop": Change(PHASES, f"{GROUP}.power.flop", "150 W"),
    "Phase.max": Change(PHASES, f"{GROUP}.power.max", "180 W"),
    "Log.kind": Change(CPU_CURVE, f"{GROUP}.power.kind", "linear"),
    "Log.curve": Change(CPU_CURVE, f"{GROUP}.power.curve", "xeon-platinum"),
    "LogCurve.a": Change(OWN_CURVE, f"{GROUP}.power.curve.a", "30"),
    "LogCurve.b": Change(OWN_CURVE, f"{GROUP}.power.curve.b", "0.2"),
    "LogCurve.c": Change(OWN_CURVE, f"{GROUP}.power.curve.c", "9"),
    "LogCurve.d": Change(OWN_CURVE, f"{GROUP}.power.curve.d", "1"),
    "Cap.kind": Change(CAPPED, f"{GROUP}.power.kind", "linear"),
    "Cap.at": Change(CAPPED.replace("utilisation: 0.5", "utilisation: 1"), f"{GROUP}.power.at", "200 W"),
    "Cap.of": Change(CAPPED, f"{GROUP}.power.of", "{kind: linear, max: 240 W}"),
    "Cap.slow_down": Change(
        CAPPED.replace("time: 1 h, utilisation: 0.5", "mfu: 0.4, precision: bf16, work: 1 EFLOP, utilisation: 1"),
        f"{GROUP}.power.slow_down",
        "1.3",
    ),
    "Workload.train": Change(scenario(), TRAINING, "{at: lab/gpus, time: 2 h, utilisation: 0.5}"),
    "WorldSpec.atlas": Change(SENT, "world.atlas", "tests/data/atlas"),
    "WorldSpec.network": Change(CABLES, "world.network", "{demands: []}"),
    "NetworkSpec.routing": Change(CABLES, f"{NETWORK}.routing", "policy"),
    "NetworkSpec.cables": Change(CABLES, f"{NETWORK}.cables", "{aae-1: 1 Gbps}"),
    "NetworkSpec.overland": Change(CABLES, f"{NETWORK}.overland", "{middle-east: 100 Tbps}"),
    "NetworkSpec.demands": Change(CABLES, f"{NETWORK}.demands", "[]"),
    "NetworkSpec.satellites": Change(CABLES, f"{NETWORK}.satellites", "[]"),
    "NetworkSpec.events": Change(CABLES, f"{NETWORK}.events", "[]"),
    "Demand.from": Change(CABLES, f"{NETWORK}.demands.0.from", "marseille"),
    "Demand.to": Change(CABLES, f"{NETWORK}.demands.0.to", "singapore"),
    "Demand.rate": Change(CABLES, f"{NETWORK}.demands.0.rate", "1 Tbps"),
    "Satellite.place": Change(CABLES, f"{NETWORK}.satellites.0.place", "suva"),
    "Satellite.station": Change(CABLES, f"{NETWORK}.satellites.0.station", "los-angeles"),
    "Satellite.capacity": Change(CABLES, f"{NETWORK}.satellites.0.capacity", "10 Mbps"),
    "Event.cut": Change(CABLES, f"{EVENT}.0.cut", "{at: 10 s, cables: tonga}"),
    "Event.outage": Change(CABLES, f"{EVENT}.1.outage", "{at: 20 s, landing: djibouti}"),
    "Event.closure": Change(CABLES, f"{EVENT}.2.closure", "{at: 30 s, choke_point: luzon}"),
    "Cut.at": Change(CABLES, f"{EVENT}.0.cut.at", "1 s"),
    "Cut.cables": Change(CABLES, f"{EVENT}.0.cut.cables", "[tonga]"),
    "Cut.segments": Change(CABLES, f"{EVENT}.0.cut.segments", "[grace-hopper:bu-grace:bilbao]"),
    "Cut.repair": Change(CABLES, f"{EVENT}.0.cut.repair", "drawn"),
    "Outage.at": Change(CABLES, f"{EVENT}.1.outage.at", "1 s"),
    "Outage.landing": Change(CABLES, f"{EVENT}.1.outage.landing", "djibouti"),
    "Outage.repair": Change(CABLES, f"{EVENT}.1.outage.repair", "drawn"),
    "Closure.at": Change(CABLES, f"{EVENT}.2.closure.at", "1 s"),
    "Closure.choke_point": Change(CABLES, f"{EVENT}.2.closure.choke_point", "malacca"),
    "Closure.repair": Change(CABLES, f"{EVENT}.2.closure.repair", "30 s"),
    "Workload.ping": Change(PINGED, "workloads.1.ping", "{from: paris, to: tokyo}"),
    "Ping.name": Change(PINGED, f"{PINGING}.name", "second"),
    "Ping.after": Change(PINGED, f"{PINGING}.after", "first"),
    "Ping.start": Change(PINGED, f"{PINGING}.start", "1 min"),
    "Ping.from": Change(PINGED, f"{PINGING}.from", "paris"),
    "Ping.to": Change(PINGED, f"{PINGING}.to", "delhi"),
    "Ping.during": Change(PINGED, f"{PINGING}.during", "2 h"),
    "Ping.latency": Change(PINGED, f"{PINGING}.latency", "lower_bound"),
    "WorldSpec.year": Change(SENT.replace("city: paris", "city: tokyo"), "world.year", "2005"),
    "NetworkSpec.energy": Change(TOLD, "world.network.energy", "marginal"),
    "Datacenter.uplink": Change(SENT, "world.datacenters.store.uplink", "20 Gbps"),
    "Workload.transfer": Change(SENT, SENDING, "{size: 2 TB, from: store, to: lab}"),
    "Transfer.name": Change(SENT, f"{SENDING}.name", "night"),
    "Transfer.after": Change(SENT_TWICE, "workloads.1.transfer.after", "transfer"),
    "Transfer.start": Change(SENT, f"{SENDING}.start", "2 min"),
    "Transfer.dataset": Change(DATASET, f"{SENDING}.dataset", "c4-en"),
    "Transfer.model": Change(MODEL, f"{SENDING}.model", "alexnet"),
    "Transfer.size": Change(SENT, f"{SENDING}.size", "2 TB"),
    "Transfer.from": Change(SENT, f"{SENDING}.from", "far"),
    "Transfer.to": Change(SENT, f"{SENDING}.to", "far"),
    "Transfer.rate_cap": Change(SENT, f"{SENDING}.rate_cap", "1 Gbps"),
    "Transfer.latency": Change(SENT, f"{SENDING}.latency", "lower_bound"),
    "Workload.prepare": Change(
        PREPARED, PREPARING, "{at: lab/cpus, samples: 1e5, size: 2 TB, read: 1 GB/s, cpu_time: 1 ms, host_cores: 64}"
    ),
    "Prepare.name": Change(PREPARED, f"{PREPARING}.name", "night"),
    "Prepare.after": Change(PREPARED_APART, "workloads.1.prepare.after", "prepare"),
    "Prepare.start": Change(PREPARED, f"{PREPARING}.start", "1 min"),
    "Prepare.priority": Change(PREPARED_QUEUE, "workloads.2.prepare.priority", "1"),
    "Prepare.at": Change(PREPARED, f"{PREPARING}.at", "lab/more"),
    "Prepare.units": Change(PREPARED, f"{PREPARING}.units", "1"),
    "Prepare.dataset": Change(PREPARED_SET, f"{PREPARING}.dataset", "laion-5b"),
    "Prepare.samples": Change(PREPARED, f"{PREPARING}.samples", "2e5"),
    "Prepare.size": Change(PREPARED, f"{PREPARING}.size", "2 TB"),
    "Prepare.read": Change(PREPARED, f"{PREPARING}.read", "2 GB/s"),
    "Prepare.cpu_time": Change(PREPARED, f"{PREPARING}.cpu_time", "2 ms"),
    "Prepare.cores": Change(CRUNCHED, f"{PREPARING}.cores", "16"),
    "Prepare.host_cores": Change(CRUNCHED, f"{PREPARING}.host_cores", "96"),
    "WorldSpec.populations": Change(
        LEARN,
        "world.populations",
        "{phones: {device: smartphone, count: 500, places: {oslo: 1.0}, access: {5g: 1.0}, state: charging, "
        "account: marginal, samples: 10}}",
    ),
    "Workload.federate": Change(
        LEARN,
        "workloads.0.federate",
        "{algorithm: fedavg, model: gru, clients: phones, server: lab/gpus, rounds: 1, cohort: 20, sample_time: 2 s, "
        "aggregation: 5 s, utilisation: 0.5}",
    ),
    "Workload.collect": Change(COLLECT, "workloads.0.collect", "{from: store, to: lab, size: 1 GB}"),
    "Workload.distribute": Change(DISTRIBUTE, "workloads.0.distribute", "{from: lab, to: store, size: 1 GB}"),
    "Population.device": Change(WORDS.replace("sample_time: 2 s,", ""), f"{USERS}.device", "iphone-13-pro"),
    "Population.count": Change(LEARN, f"{USERS}.count", "1500"),
    "Population.places": Change(LEARN, f"{USERS}.places", "{paris: 0.4, lyon: 0.6}"),
    "Population.access": Change(LEARN, f"{USERS}.access", "{wifi: 0.4, 5g: 0.6}"),
    "Population.state": Change(LEARN, f"{USERS}.state", "battery"),
    "Population.account": Change(LEARN, f"{USERS}.account", "whole"),
    "Population.samples": Change(LEARN, f"{USERS}.samples", "20"),
    "Population.samples_spread": Change(LEARN, f"{USERS}.samples_spread", "2"),
    "Population.speed_spread": Change(LEARN, f"{USERS}.speed_spread", "1"),
    "Population.rate_spread": Change(LEARN, f"{USERS}.rate_spread", "1"),
    "Population.power": Change(LEARN, f"{USERS}.power", "{compute: 4 W, receive: 1 W, send: 2 W, idle: 0.5 W}"),
    "Population.grid": Change(LEARN, f"{USERS}.grid", "DE"),
    **{
        f"ClientPower.{doing}": Change(LEARN, f"{USERS}.power.{doing}", "5 W")
        for doing in ("compute", "receive", "send")
    },
    "ClientPower.idle": Change(LEARN, f"{USERS}.power.idle", "0.1 W"),
    "Federate.name": Change(LEARN, f"{LEARNING}.name", "night"),
    "Federate.after": Change(LEARN_TWICE, "workloads.1.federate.after", "federate"),
    "Federate.start": Change(LEARN, f"{LEARNING}.start", "1 min"),
    "Federate.priority": Change(QUEUED, "workloads.2.federate.priority", "1"),
    "Federate.algorithm": Change(by("fedavg"), f"{LEARNING}.algorithm", "{kind: fedadam, rate: 0.03}"),
    "Federate.model": Change(LEARN, f"{LEARNING}.model", "alexnet"),
    "Federate.clients": Change(LEARN, f"{LEARNING}.clients", "tablets"),
    "Federate.server": Change(LEARN, f"{LEARNING}.server", "spare/gpus"),
    "Federate.units": Change(LEARN, f"{LEARNING}.units", "1"),
    "Federate.dataset": Change(WORDS, f"{LEARNING}.dataset", "words"),
    "Federate.rounds": Change(LEARN, f"{LEARNING}.rounds", "3"),
    "Federate.cohort": Change(LEARN, f"{LEARNING}.cohort", "21"),
    "Federate.over_selection": Change(LEARN, f"{LEARNING}.over_selection", "1.3"),
    "Federate.deadline": Change(LEARN, f"{LEARNING}.deadline", "10 s"),
    "Federate.dropout": Change(LEARN, f"{LEARNING}.dropout", "0.5"),
    "Federate.epochs": Change(LEARN, f"{LEARNING}.epochs", "2"),
    "Federate.sample_time": Change(LEARN, f"{LEARNING}.sample_time", "3 s"),
    "Federate.update": Change(LEARN, f"{LEARNING}.update", "1 MB"),
    "Federate.aggregation": Change(LEARN, f"{LEARNING}.aggregation", "6 s"),
    "Federate.utilisation": Change(LEARN, f"{LEARNING}.utilisation", "0.6"),
    "Federate.latency": Change(LEARN, f"{LEARNING}.latency", "lower_bound"),
    **moving_changes("Collect", COLLECT, COLLECT_TWICE, {"from": "[tablets, store]", "to": "spare"}),
    **moving_changes("Distribute", DISTRIBUTE, DISTRIBUTE_TWICE, {"from": "spare", "to": "[tablets, store]"}),
    "Train.name": Change(scenario(), f"{TRAINING}.name", "night"),
    "Train.after": Change(TWO.replace("at:", "units: 1, at:"), "workloads.1.train.after", "train"),
    "Train.priority": Change(QUEUE, "workloads.2.train.priority", "1"),
    "Train.start": Change(training("time: 1 h, start: 5 min"), f"{TRAINING}.start", "10 min"),
    "Train.at": Change(
        scenario(GPUS.replace("}}", "}, more: {model: a100-sxm4-40gb, count: 4}}")), f"{TRAINING}.at", "lab/more"
    ),
    "Train.units": Change(training("time: 1 h, units: 2"), f"{TRAINING}.units", "1"),
    "Train.model": Change(training("time: 1 h, model: gpt-3-175b"), f"{TRAINING}.model", "bloom-176b"),
    "Train.dataset": Change(training("time: 1 h, dataset: the-pile"), f"{TRAINING}.dataset", "roots"),
    "Train.time": Change(scenario(), f"{TRAINING}.time", "2 h"),
    "Train.device_time": Change(training("device_time: 8 h, utilisation: 0.5"), f"{TRAINING}.device_time", "9 h"),
    "Train.mfu": Change(FLOPS, f"{TRAINING}.mfu", "0.5"),
    "Train.precision": Change(FLOPS, f"{TRAINING}.precision", "fp32"),
    "Train.work": Change(FLOPS, f"{TRAINING}.work", "2 EFLOP"),
    "Train.samples": Change(training("time: 1 h, samples: 1e5"), f"{TRAINING}.samples", "1e6"),
    "Train.steps": Change(SEEN, f"{TRAINING}.steps", "200"),
    "Train.batch": Change(SEEN, f"{TRAINING}.batch", "32"),
    "Train.epochs": Change(training("time: 1 h, dataset: laion-5b, epochs: 1"), f"{TRAINING}.epochs", "2"),
    "Train.utilisation": Change(scenario(), f"{TRAINING}.utilisation", "0.9"),
    "Train.checkpoint": Change(scenario(), f"{TRAINING}.checkpoint", "{every: 10 min, time: 1 min, load: 0.1}"),
    "Train.memory_utilisation": Change(PHASES, f"{TRAINING}.memory_utilisation", "0.6"),
    "Train.adapters": Change(training("time: 1 d, model: llama-7b, samples: 1e6"), f"{TRAINING}.adapters", "4194304"),
    "Train.encoders": Change(training("time: 1 d, model: llama-7b, samples: 1e6"), f"{TRAINING}.encoders", "1 GFLOP"),
    "Train.across": Change(
        APART.replace(", across: {groups: [sea/gpus], every: 50}", ""),
        f"{TRAINING}.across",
        "{groups: sea/gpus, every: 50}",
    ),
    "Across.groups": Change(APART, f"{TRAINING}.across.groups", "[sea/gpus, far/gpus]"),
    "Across.every": Change(APART, f"{TRAINING}.across.every", "25"),
    "Across.latency": Change(APART, f"{TRAINING}.across.latency", "lower_bound"),
    "Train.step_time": Change(WAITING, f"{TRAINING}.step_time", "6 s"),
    "Train.communication": Change(WAITING, f"{TRAINING}.communication", "0.3"),
    "Train.wait_utilisation": Change(WAITING, f"{TRAINING}.wait_utilisation", "0.4"),
    "Train.resolution": Change(WAITING, f"{TRAINING}.resolution", "step"),
    "Train.loss": Change(TELLING.replace(", loss: hoffmann-2022", ""), f"{TRAINING}.loss", "hoffmann-2022"),
    "Train.input": Change(READ, f"{TRAINING}.input", "2 Gbps"),
    "Train.stragglers": Change(UNEQUAL, f"{TRAINING}.stragglers", "1.5"),
    "Train.failures": Change(LOSING, f"{TRAINING}.failures", "{rate: 0.1, restart: 1 min, repair: 1 h}"),
    "Train.sequence": Change(LAID_OUT, f"{TRAINING}.sequence", "1024"),
    "Train.layout": Change(LAID_OUT, f"{TRAINING}.layout", "{tensor: 4, micro_batch: 1, all_reduce: tree}"),
    **{
        f"Layout.{field}": Change(LAID_OUT, f"{TRAINING}.layout.{field}", value)
        for field, value in {
            "tensor": "4",
            "pipeline": "4",
            "interleave": "4",
            "micro_batch": "1",
            "sequence_parallel": "true",
            "recompute": "full",
            "attention": "fused",
            "shard": "all",
            "all_reduce": "tree",
            "overlap": "0.1",
        }.items()
    },
    "Failures.rate": Change(LOSING, f"{TRAINING}.failures.rate", "3"),
    "Failures.restart": Change(LOSING, f"{TRAINING}.failures.restart", "5 min"),
    "Failures.spares": Change(LOSING, f"{TRAINING}.failures.spares", "2"),
    "Failures.repair": Change(LOSING.replace("spares: 1", "spares: 0"), f"{TRAINING}.failures.repair", "2 h"),
    "Checkpoint.every": Change(PAUSED, f"{TRAINING}.checkpoint.every", "20 min"),
    "Checkpoint.time": Change(PAUSED, f"{TRAINING}.checkpoint.time", "2 min"),
    "Checkpoint.load": Change(PAUSED, f"{TRAINING}.checkpoint.load", "0.2"),
    "Workload.serve": Change(
        SERVED, SERVING, "{at: lab/gpus, requests: 9, during: 9 s, service_time: 3 s, service: constant}"
    ),
    "ClientPower.use": Change(ASKED.replace("idle: 0.5 W", "idle: 0.5 W, use: 2 W"), f"{USERS}.power.use", "3 W"),
    "Serve.users": Change(ASKED, f"{SERVING}.users", "tablets"),
    "Serve.request": Change(ASKED, f"{SERVING}.request", "2 kB"),
    "Serve.response": Change(ASKED, f"{SERVING}.response", "1 MB"),
    "Serve.latency": Change(ASKED, f"{SERVING}.latency", "lower_bound"),
    "Serve.name": Change(SERVED, f"{SERVING}.name", "night"),
    "Serve.after": Change(SERVED_LAST.replace("at:", "units: 1, at:", 1), "workloads.1.serve.after", "train"),
    "Serve.priority": Change(
        SERVED_LAST.replace("workloads:\n", f"workloads:\n  - {TRAIN.replace('{', '{name: first, ')}\n"),
        "workloads.2.serve.priority",
        "1",
    ),
    "Serve.start": Change(SERVED, f"{SERVING}.start", "10 min"),
    "Serve.at": Change(
        SERVED.replace(GPUS, GPUS.replace("}}", "}, more: {model: a100-sxm4-40gb, count: 4}}")),
        f"{SERVING}.at",
        "lab/more",
    ),
    "Serve.replicas": Change(SERVED, f"{SERVING}.replicas", "3"),
    "Serve.model": Change(SERVED, f"{SERVING}.model", "gpt-3-175b"),
    "Serve.requests": Change(SERVED, f"{SERVING}.requests", "51"),
    "Serve.during": Change(SERVED, f"{SERVING}.during", "101 s"),
    "Serve.arrivals": Change(SERVED, f"{SERVING}.arrivals", "regular"),
    "Serve.service_time": Change(SERVED, f"{SERVING}.service_time", "2 s"),
    "Serve.service": Change(SERVED, f"{SERVING}.service", "constant"),
    "Serve.memory_utilisation": Change(
        SERVED.replace("model: a100-sxm4-40gb, count: 4", "model: h100-sxm5-80gb, count: 4, power: phase").replace(
            "service: exp", "utilisation: 0.1, memory_utilisation: 0.2, service: exp"
        ),
        f"{SERVING}.memory_utilisation",
        "0.6",
    ),
    "Serve.utilisation": Change(SERVED, f"{SERVING}.utilisation", "0.5"),
    "Published.paradigm": Change(WAYS, f"{FIGURE}.paradigm", "b"),
    "Published.boundary": Change(WAYS, f"{FIGURE}.boundary", "facility"),
    "Published.energy": Change(WAYS, f"{FIGURE}.energy", "2 kWh"),
    "Published.co2e": Change(WAYS, f"{FIGURE}.co2e", "2 kgCO2e"),
    "Published.source": Change(WAYS, f"{FIGURE}.source", "another paper"),
    "Population.samples_zipf": Change(LEARN, f"{USERS}.samples_zipf", "1"),
    "Population.speed_with_samples": Change(
        LEARN.replace("samples: 10\n", "samples: 10\n      samples_spread: 2\n"), f"{USERS}.speed_with_samples", "0.5"
    ),
    "Population.available": Change(LEARN, f"{USERS}.available", "nights"),
    "Population.eligible": Change(LEARN, f"{USERS}.eligible", "{unmetered: true}"),
    "Always.kind": Change(there("available: {kind: always}"), f"{USERS}.available.kind", "nights"),
    "Nights.kind": Change(there("available: {kind: nights}"), f"{USERS}.available.kind", "always"),
    "Diurnal.kind": Change(there(HOURS), f"{USERS}.available.kind", "always"),
    "Diurnal.mean": Change(there(HOURS), f"{USERS}.available.mean", "0.002"),
    "Diurnal.night_over_day": Change(there(HOURS), f"{USERS}.available.night_over_day", "9"),
    "Diurnal.peak": Change(there(HOURS), f"{USERS}.available.peak", "15 h"),
    "Traced.kind": Change(there(TRACED), f"{USERS}.available.kind", "always"),
    "Traced.file": Change(there(TRACED), f"{USERS}.available.file", "tests/data/clients_on_and_off.csv"),
    "Eligible.charging": Change(there(ELIGIBLE), f"{USERS}.eligible.charging", "0.01"),
    "Eligible.idle": Change(there(ELIGIBLE), f"{USERS}.eligible.idle", "0.01"),
    "Eligible.unmetered": Change(there(ELIGIBLE), f"{USERS}.eligible.unmetered", "true"),
    "Comparison.search": Change(SEARCHED, "comparison.search", "{budget: 3, rates: [0.01, 1]}"),
    "Search.budget": Change(SEARCHED, "comparison.search.budget", "3"),
    "Search.rates": Change(SEARCHED, "comparison.search.rates", "[0.01, 2]"),
    "Search.server_rates": Change(SEARCHED, "comparison.search.server_rates", "[0.5, 3]"),
    "Search.minimise": Change(TWO_LEARNERS, "comparison.search.minimise", "time"),
    "AtRandom.kind": Change(
        CLEAN.replace("selection: carbon", "selection: {kind: random}"), f"{LEARNING}.selection.kind", "carbon"
    ),
    "ByCarbon.kind": Change(
        CLEAN.replace("selection: carbon", "selection: {kind: carbon}"), f"{LEARNING}.selection.kind", "random"
    ),
    "ByUtility.kind": Change(USEFUL, f"{LEARNING}.selection.kind", "random"),
    "ByUtility.exploration": Change(USEFUL, f"{LEARNING}.selection.exploration", "0.1"),
    "ByUtility.preferred": Change(USEFUL, f"{LEARNING}.selection.preferred", "10 s"),
    "ByUtility.exponent": Change(USEFUL, f"{LEARNING}.selection.exponent", "0.1"),
    "ByExcess.kind": Change(SUNLIT, f"{LEARNING}.selection.kind", "random"),
    "ByExcess.least_epochs": Change(SUNLIT, f"{LEARNING}.selection.least_epochs", "1"),
    "ByFairness.kind": Change(EVEN, f"{LEARNING}.selection.kind", "random"),
    "ByFairness.exponent": Change(EVEN, f"{LEARNING}.selection.exponent", "3"),
    "Population.owned": Change(LEARN, f"{USERS}.owned", "always"),
    "Population.excess": Change(SUNLIT, f"{USERS}.excess", "{lyon: 200 W}"),
    "Federate.selection": Change(CLEAN, f"{LEARNING}.selection", "random"),
    "Comparison.target": Change(learning(target=TARGET), "comparison.target", "{accuracy: 0.99}"),
    "Target.accuracy": Change(learning(target=TARGET), "comparison.target.accuracy", "0.99"),
    "Target.rounds": Change(ASSUMED, "comparison.target.rounds", "2"),
    "Target.basis": Change(
        ASSUMED.replace("rounds: 3", "rounds: 3, basis: assumed"), "comparison.target.basis", "measured"
    ),
    "Federate.compression": Change(LEARN, f"{LEARNING}.compression", "{up: {bits: 8}}"),
    "Compression.up": Change(SMALLER, f"{LEARNING}.compression.up", "{bits: 4}"),
    "Compression.down": Change(SMALLER, f"{LEARNING}.compression.down", "{bits: 4}"),
    "Smaller.bits": Change(SMALLER, f"{LEARNING}.compression.up.bits", "4"),
    "Fewer.bits": Change(SMALLER, f"{LEARNING}.compression.down.bits", "4"),
    "Smaller.share": Change(THINNED, f"{LEARNING}.compression.up.share", "0.2"),
    "Federate.privacy": Change(learning(), f"{LEARNING}.privacy", "{clip: 0.1, noise: 0.5}"),
    "Privacy.clip": Change(PRIVATE, f"{LEARNING}.privacy.clip", "0.2"),
    "Privacy.noise": Change(PRIVATE, f"{LEARNING}.privacy.noise", "0.6"),
    "Federate.secure_aggregation": Change(SECURE, f"{LEARNING}.secure_aggregation", "{expansion: 1.2}"),
    "SecureAggregation.expansion": Change(
        SECURE.replace("{}", "{expansion: 1.2}"), f"{LEARNING}.secure_aggregation.expansion", "1.3"
    ),
    "SecureAggregation.trips": Change(SECURE.replace("{}", "{trips: 1}"), f"{LEARNING}.secure_aggregation.trips", "2"),
    "Federate.curve": Change(CURVE, f"{LEARNING}.curve", "[[2, 0.5], [3, 0.7]]"),
    "Federate.learn": Change(learning(), f"{LEARNING}.learn", "{task: other, rate: 0.1, batch: 10}"),
    "LearnSpec.task": Change(learning(), f"{LEARNING}.learn.task", "other"),
    "LearnSpec.rate": Change(learning(), f"{LEARNING}.learn.rate", "0.2"),
    "LearnSpec.batch": Change(learning(), f"{LEARNING}.learn.batch", "5"),
    "LearnSpec.momentum": Change(
        learning().replace("batch: 10", "batch: 10, momentum: 0.5"), f"{LEARNING}.learn.momentum", "0.9"
    ),
    "Train.learn": Change(TAUGHT, "workloads.0.train.learn", "{task: digits, rate: 0.01, batch: 10}"),
    "Scenario.tasks": Change(
        learning(),
        "tasks",
        "{digits: {data: digits, model: softmax, clients: 20}, other: {data: wine, model: softmax, clients: 5}}",
    ),
    "TaskSpec.data": Change(learning(), f"{TASK}.data", "wine"),
    "TaskSpec.model": Change(learning(), f"{TASK}.model", "{kind: mlp, hidden: 8}"),
    "TaskSpec.clients": Change(learning(), f"{TASK}.clients", "20"),
    "TaskSpec.partition": Change(learning(), f"{TASK}.partition", "{kind: dirichlet, alpha: 0.5}"),
    "TaskSpec.sizes": Change(learning(), f"{TASK}.sizes", "{kind: zipf, exponent: 1}"),
    "TaskSpec.test_share": Change(learning(), f"{TASK}.test_share", "0.3"),
    "Csv.csv": Change(TABLE, f"{TASK}.data.csv", "tests/data/other_samples.csv"),
    "Csv.label": Change(TABLE, f"{TASK}.data.label", "shape"),
    "Csv.client": Change(TABLE, f"{TASK}.data.client", "shape"),
    "Natural.by": Change(OWNED, f"{TASK}.partition.by", "label"),
    "Natural.kind": Change(OWNED, f"{TASK}.partition.kind", "iid"),
    "Iid.kind": Change(
        learning(task="data: digits, model: softmax, clients: 10, partition: {kind: iid}"),
        f"{TASK}.partition.kind",
        "dirichlet",
    ),
    "Dirichlet.kind": Change(
        learning(task="data: digits, model: softmax, clients: 10, partition: {kind: dirichlet, alpha: 1}"),
        f"{TASK}.partition.kind",
        "iid",
    ),
    "Dirichlet.alpha": Change(
        learning(task="data: digits, model: softmax, clients: 10, partition: {kind: dirichlet, alpha: 1}"),
        f"{TASK}.partition.alpha",
        "0.1",
    ),
    "Equal.kind": Change(
        learning(task="data: digits, model: softmax, clients: 10, sizes: {kind: equal}"), f"{TASK}.sizes.kind", "zipf"
    ),
    "LogNormal.kind": Change(
        learning(task="data: digits, model: softmax, clients: 10, sizes: {kind: log-normal, spread: 2}"),
        f"{TASK}.sizes.kind",
        "equal",
    ),
    "LogNormal.spread": Change(
        learning(task="data: digits, model: softmax, clients: 10, sizes: {kind: log-normal, spread: 2}"),
        f"{TASK}.sizes.spread",
        "3",
    ),
    "Zipf.kind": Change(
        learning(task="data: digits, model: softmax, clients: 10, sizes: {kind: zipf, exponent: 1}"),
        f"{TASK}.sizes.kind",
        "equal",
    ),
    "Zipf.exponent": Change(
        learning(task="data: digits, model: softmax, clients: 10, sizes: {kind: zipf, exponent: 1}"),
        f"{TASK}.sizes.exponent",
        "2",
    ),
    "Softmax.kind": Change(
        learning(task="data: breast-cancer, model: {kind: softmax}, clients: 10"), f"{TASK}.model.kind", "neuron"
    ),
    "Neuron.kind": Change(
        learning(task="data: breast-cancer, model: {kind: neuron}, clients: 10"), f"{TASK}.model.kind", "softmax"
    ),
    "Mlp.kind": Change(
        learning(task="data: digits, model: {kind: mlp, hidden: 8}, clients: 10"), f"{TASK}.model.kind", "softmax"
    ),
    "Mlp.hidden": Change(
        learning(task="data: digits, model: {kind: mlp, hidden: 8}, clients: 10"), f"{TASK}.model.hidden", "9"
    ),
    "Estimator.kind": Change(
        learning(task="data: digits, model: {kind: estimator, name: perceptron}, clients: 10").replace(
            "batch: 10", "batch: 1"
        ),
        f"{TASK}.model.kind",
        "softmax",
    ),
    "Estimator.name": Change(
        learning(task="data: digits, model: {kind: estimator, name: perceptron}, clients: 10").replace(
            "batch: 10", "batch: 1"
        ),
        f"{TASK}.model.name",
        "sgd-classifier",
    ),
    "FedAvg.kind": Change(by("{kind: fedavg}"), f"{LEARNT}.kind", "fedadam"),
    "FedAvg.rate": Change(by("{kind: fedavg, rate: 0.5}"), f"{LEARNT}.rate", "0.6"),
    "FedProx.kind": Change(by("{kind: fedprox, proximal: 0.5}"), f"{LEARNT}.kind", "fedavg"),
    "FedProx.proximal": Change(by("{kind: fedprox, proximal: 0.5}"), f"{LEARNT}.proximal", "0.6"),
    "FedProx.rate": Change(by("{kind: fedprox, proximal: 0.5, rate: 0.5}"), f"{LEARNT}.rate", "0.6"),
    "FedAdam.kind": Change(by("{kind: fedadam, rate: 0.03}"), f"{LEARNT}.kind", "fedavg"),
    **{
        f"FedAdam.{field}": Change(
            by("{kind: fedadam, rate: 0.03, adaptivity: 0.01, beta1: 0.5, beta2: 0.5}"), f"{LEARNT}.{field}", "0.7"
        )
        for field in ("rate", "adaptivity", "beta1", "beta2")
    },
    "FedBuff.kind": Change(SLOTS, f"{LEARNT}.kind", "fedavg"),
    "FedBuff.concurrency": Change(SLOTS, f"{LEARNT}.concurrency", "11"),
    "FedBuff.buffer": Change(SLOTS, f"{LEARNT}.buffer", "4"),
    "FedBuff.timeout": Change(SLOTS, f"{LEARNT}.timeout", "22 s"),
    "FedBuff.rate": Change(SLOTS.replace("buffer", "rate: 0.5, buffer"), f"{LEARNT}.rate", "0.6"),
    "FedBuff.exponent": Change(SLOTS.replace("buffer", "exponent: 0.5, buffer"), f"{LEARNT}.exponent", "1"),
    "SemiAsync.kind": Change(WINDOWS, f"{LEARNT}.kind", "fedavg"),
    "SemiAsync.window": Change(WINDOWS, f"{LEARNT}.window", "21 s"),
    "SemiAsync.concurrency": Change(WINDOWS, f"{LEARNT}.concurrency", "11"),
    "SemiAsync.rate": Change(WINDOWS, f"{LEARNT}.rate", "0.6"),
    "SemiAsync.exponent": Change(WINDOWS, f"{LEARNT}.exponent", "1"),
    "Gossip.kind": Change(GOSSIP, f"{LEARNT}.kind", "local-only"),
    "Gossip.topology": Change(GOSSIP, f"{LEARNT}.topology", "complete"),
    "Ring.kind": Change(GOSSIP, f"{LEARNT}.topology.kind", "complete"),
    "Complete.kind": Change(GOSSIP.replace("kind: ring", "kind: complete"), f"{LEARNT}.topology.kind", "ring"),
    "Random.kind": Change(
        GOSSIP.replace("{kind: ring}", "{kind: random, degree: 2}"), f"{LEARNT}.topology.kind", "ring"
    ),
    "Random.degree": Change(
        GOSSIP.replace("{kind: ring}", "{kind: random, degree: 2}"), f"{LEARNT}.topology.degree", "3"
    ),
    "Cyclic.kind": Change(AROUND, f"{LEARNT}.kind", "local-only"),
    "SplitLearning.kind": Change(HALVES, f"{LEARNT}.kind", "ring"),
    "SplitLearning.cut": Change(HALVES, f"{LEARNT}.cut", "2 kB"),
    "SplitLearning.part": Change(HALVES, f"{LEARNT}.part", "2 MB"),
    "SplitLearning.share": Change(HALVES, f"{LEARNT}.share", "0.5"),
    "SplitLearning.batch": Change(HALVES, f"{LEARNT}.batch", "10"),
    "LocalOnly.kind": Change(
        GOSSIP.replace("{kind: gossip, topology: {kind: ring}}", "{kind: local-only}"), f"{LEARNT}.kind", "gossip"
    ),
    "Hierarchical.kind": Change(EDGES, f"{LEARNT}.kind", "fedavg"),
    "Hierarchical.edges": Change(EDGES, f"{LEARNT}.edges", "[spare/gpus, far/gpus]"),
    "Hierarchical.edge_rounds": Change(EDGES, f"{LEARNT}.edge_rounds", "3"),
    "Federate.mfu": Change(SILOS, f"{LEARNING}.mfu", "0.4"),
    "Federate.precision": Change(SILOS, f"{LEARNING}.precision", "fp32"),
    "Federate.client_utilisation": Change(SILOS, f"{LEARNING}.client_utilisation", "0.6"),
}
"""By field: the base scenario, and the one value in which the other differs."""

LEVERS = {
    "Scenario.levers": Change(PULLED, "levers", "{it: {pue: 1.2}}"),
    "Lever.says": Change(PULLED, "levers.it.says", "a better building"),
    "Lever.rebound": Change(PULLED, "levers.it.rebound", "0.2"),
    "Lever.of": Change(PULLED, "levers.it.of", "lab"),
    "Lever.set": Change(PULLED, "levers.it.set", "{tick: 1 min}"),
    "Lever.fewer_devices": Change(PULLED, "levers.it.fewer_devices", "0.5"),
    "Lever.fewer_requests": Change(PULLED, "levers.it.fewer_requests", "0.5"),
    "Lever.device_lifetime": Change(PULLED, "levers.it.device_lifetime", "5 y"),
    "Lever.repair": Change(PULLED, "levers.it.repair", "{repairs: 1, lifetime: 4 y}"),
    "Lever.second_hand": Change(PULLED, "levers.it.second_hand", "{first: 2 y, lifetime: 4 y}"),
    "Lever.access": Change(PULLED, "levers.it.access", "fibre"),
    "Lever.grid": Change(PULLED, "levers.it.grid", "SE"),
    "Lever.pue": Change(PULLED, "levers.it.pue", "1.2"),
    "Lever.model_size": Change(PULLED, "levers.it.model_size", "0.5"),
    "RepairLever.repairs": Change(MENDED, "levers.it.repair.repairs", "2"),
    "RepairLever.lifetime": Change(MENDED, "levers.it.repair.lifetime", "5 y"),
    "SecondHandLever.first": Change(HANDED_ON, "levers.it.second_hand.first", "3 y"),
    "SecondHandLever.lifetime": Change(HANDED_ON, "levers.it.second_hand.lifetime", "5 y"),
    "SecondHandLever.split": Change(HANDED_ON, "levers.it.second_hand.split", "time"),
    "SecondHandLever.resale": Change(HANDED_ON, "levers.it.second_hand.resale", "0.3"),
}
"""Fields that no run reads, `aiceberg levers` alone: tests/study/test_levers.py says what each of them does."""
CHANGES |= LEVERS

CHANGES |= {
    "Scenario.footprint": Change(scenario(), "footprint", "{basis: active}"),
    "Method.basis": Change(CHARGED, "footprint.basis", "active"),
    "Method.embodied": Change(CHARGED, "footprint.embodied", "boavizta"),
    "Method.lives": Change(CHARGED, "footprint.lives", "{a100-sxm4-40gb: {lifetime: 5 y}}"),
    "LifeSpec.lifetime": Change(LIVED, "footprint.lives.a100-sxm4-40gb.lifetime", "4 y"),
    "LifeSpec.repairs": Change(LIVED, "footprint.lives.a100-sxm4-40gb.repairs", "1"),
    "LifeSpec.second_hand": Change(LIVED, "footprint.lives.a100-sxm4-40gb.second_hand", "{first: 2 y}"),
    "LifeSpec.retired": Change(LIVED, "footprint.lives.a100-sxm4-40gb.retired", "{after: 1 y}"),
    "Retired.after": Change(RETIRED, "footprint.lives.a100-sxm4-40gb.retired.after", "2 y"),
    "Retired.charged": Change(RETIRED, "footprint.lives.a100-sxm4-40gb.retired.charged", "spread"),
    "SecondHand.first": Change(HANDED, "footprint.lives.accelerator.second_hand.first", "3 y"),
    "SecondHand.owner": Change(HANDED, "footprint.lives.accelerator.second_hand.owner", "first"),
    "SecondHand.split": Change(HALF_A_LIFE, "footprint.lives.accelerator.second_hand.split", "cut-off"),
    "SecondHand.resale": Change(HANDED, "footprint.lives.accelerator.second_hand.resale", "0.4"),
    "Method.development": Change(CHARGED, "footprint.development", "olmo"),
    "OwnRatio.ratio": Change(TRIED, "footprint.development.ratio", "0.6"),
    "OwnRatio.source": Change(TRIED, "footprint.development.source", "a paper"),
    "Method.ledger": Change(CHARGED, "footprint.ledger", "consequential"),
    "Method.rule": Change(CHARGED, "footprint.rule", "used"),
    "Method.equipment": Change(CHARGED, "footprint.equipment", "time-share"),
    "Method.network": Change(CHARGED, "footprint.network", "per-byte"),
    "Method.grid": Change(CHARGED, "footprint.grid", "carbontracker"),
    "Method.weights": Change(
        scenario(more="footprint: {rule: economic, weights: {train: 1}}"), "footprint.weights", "{train: 2}"
    ),
    "Method.lineage": Change(MADE_FROM, "footprint.lineage", "{rule: cut-off, of: a, models: {a: {trains: train}}}"),
    "Lineage.rule": Change(MADE_FROM, "footprint.lineage.rule", "use"),
    "Lineage.of": Change(MADE_FROM, "footprint.lineage.of", "base"),
    "Lineage.models": Change(MADE_FROM, "footprint.lineage.models", "{tuned: {trains: train}}"),
    "Kin.impact": Change(MADE_FROM, f"{KIN}.impact", "12 tCO2e"),
    "Kin.energy": Change(MADE_FROM, f"{KIN}.energy", "30 MWh"),
    "Kin.children": Change(MADE_FROM, f"{KIN}.children", "4"),
    "Kin.direct": Change(MADE_FROM, f"{KIN}.direct", "false"),
    "Kin.reserve": Change(MADE_FROM, f"{KIN}.reserve", "0.1"),
    "Kin.parents": Change(MADE_FROM, f"{KIN}.parents", "old"),
    "Kin.trains": Change(MADE_FROM, "footprint.lineage.models.tuned.trains", "other"),
    "Kin.use": Change(MADE_FROM, f"{KIN}.use", "20"),
    "Kin.value": Change(MADE_FROM, f"{KIN}.value", "2"),
}
"""Of the method: the record has what making took, and accounts read the rest."""

ACCOUNTED = {
    *(f"Method.{field}" for field in ("ledger", "rule", "equipment", "network", "grid", "weights", "lineage")),
    *(f"Lineage.{field}" for field in Lineage.model_fields),
    *(f"Kin.{field}" for field in Kin.model_fields),
    "OwnRatio.source",
}
"""What accounts read alone; what they then say is in test_method.py, test_lineage.py and test_development.py."""

ONLY_RECORDED = {
    **dict.fromkeys(ACCOUNTED, "accounts read it, and the summary is by the average, by what was reserved"),
    "Scenario.start": "no outside series depends on the date yet",
    "Scenario.published": "stands beside the results",
    "Scenario.comparison": "how results are shown and compared",
    **{
        f"Comparison.{field}": "how results are shown and compared"
        for field in Comparison.model_fields
        if field not in ("search", "target")
    },
    **{f"Published.{field}": "stands beside the results" for field in Published.model_fields},
}
"""Fields that change the manifest alone, and why."""

OTHER_SHAPE = {
    *("Constant.kind", "Linear.kind", "Stepped.kind", "Piecewise.kind", "Phase.kind", "Log.kind", "Cap.kind"),
    *("Diurnal.kind", "Traced.kind", "ByUtility.kind", "Natural.kind", "Iid.kind", "Dirichlet.kind", "Equal.kind"),
    *("ByExcess.kind", "ByFairness.kind"),
    *("LogNormal.kind", "Zipf.kind", "Mlp.kind", "Estimator.kind", "FedAvg.kind", "FedProx.kind"),
    *(
        "FedBuff.kind",
        "SemiAsync.kind",
        "Gossip.kind",
        "Hierarchical.kind",
        "Random.kind",
        "SplitLearning.kind",
        "LocalOnly.kind",
    ),
}
"""Fields that say which other fields there are: another value alone is refused."""

ONE_CHOICE = {"Target.basis"}
"""Fields that know one word so far: another is refused."""


SPECS = set(specs(Scenario))
FIELDS = {f"{spec.__name__}.{field}" for spec in SPECS for field in spec.model_fields}


@cache
def run(text: str, path: str = "", value: str = "") -> dict[str, Any]:
    """The manifest of a run, less the hashes of the scenario and of itself; it holds the hash of all tables."""
    manifest = api.run(load_text(text, str(ROOT / "base.yaml"), {path: value} if path else None)).manifest
    hashes = {name: digest for name, digest in manifest["hashes"].items() if name not in ("scenario", "manifest")}
    return {**manifest, "hashes": hashes}


def test_the_specs_of_all_layers_are_found():
    assert {"Scenario.seed", "Datacenter.pue", "Host.rest", "Train.checkpoint", "Stepped.epsilon"} <= FIELDS
    assert len({spec.__name__ for spec in SPECS}) == len(SPECS)


def test_every_field_has_a_change_and_every_change_a_field():
    assert sorted(CHANGES) == sorted(FIELDS)
    assert set(ONLY_RECORDED) | OTHER_SHAPE | ONE_CHOICE <= FIELDS


def data_of(text: str) -> Any:
    return read_nodes(compose(text, "<base>")).data


@pytest.mark.parametrize("field", CHANGES)
def test_a_change_sets_the_field_that_it_is_named_after(field):
    base, path, value = CHANGES[field]
    root = compose(base, "<base>")
    set_values(root, {path: value})
    steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
    nodes = [n for n in walk(Scenario, data_of(base)) if isinstance(n, Node) and n.path == steps[:-1]]
    assert [f"{node.spec.__name__}.{steps[-1]}" for node in nodes] == [field]
    assert read_nodes(root).data != data_of(base)


@pytest.mark.parametrize("field", sorted(set(CHANGES) - OTHER_SHAPE - ONE_CHOICE - set(ONLY_RECORDED) - set(LEVERS)))
def test_every_spec_field_changes_the_results(field):
    base, path, value = CHANGES[field]
    assert run(base, path, value)["hashes"]["results"] != run(base)["hashes"]["results"]


@pytest.mark.parametrize("field", sorted(ONLY_RECORDED))
def test_what_leaves_the_results_alone_is_recorded(field):
    base, path, value = CHANGES[field]
    assert run(base, path, value) != run(base)


@pytest.mark.parametrize("field", LEVERS)
def test_what_only_levers_read_changes_nothing_of_a_run(field):
    base, path, value = LEVERS[field]
    assert run(base, path, value) == run(base)


@pytest.mark.parametrize("field", sorted(OTHER_SHAPE))
def test_another_kind_asks_for_other_fields(field):
    base, path, value = CHANGES[field]
    assert run(base)["status"] == "complete"
    with pytest.raises(ScenarioError, match=r"no such key|is missing"):
        run(base, path, value)


@pytest.mark.parametrize("field", sorted(ONE_CHOICE))
def test_another_word_than_the_only_one_is_refused(field):
    base, path, value = CHANGES[field]
    assert run(base)["status"] == "complete"
    with pytest.raises(ScenarioError, match="is none of the choices"):
        run(base, path, value)
