"""House rules that can be read off the source: names, sizes, docstrings, imports, what is forbidden.

A rule is a generator over one module that yields a line for each fault; `EXAMPLES` holds code
that breaks each of them, so that none can pass for want of sight.
"""

import ast
import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from types import SimpleNamespace

import pytest

UNITS = re.compile(
    r".+_(w|j|s|ms|y|b|bytes|nats|bps|km|kg|flop|flop_per_s|pj_per_flop|j_per_b|w_per_bps|gco2e_per_kwh|l_per_kwh|kwh|kwh_per_gb|eur|eur_per_mwh|us_per_km|usd|pt)"
)
"""What ends the name of a float: its unit."""

DIMENSIONLESS = {
    "base": "in the unit that stands beside it",
    "times": "how many of one thing another has",
    "quantity": "seconds or bits, as what stands beside it says",
    "load": "share of full work",
    "memory": "share of the bandwidth of a device's memory in use",
    "epochs": "passes over the samples that a user has",
    "exponent": "the power to which a share is raised",
    "cap_share": "a power cap over the uncapped power",
    "share": "part of a whole",
    "wait_load": "share of full work",
    "host_at_load": "part of what a host can climb",
    "median_error": "share of what was published",
    "worst_error": "share of what was published",
    "dropout_share": "part of those who are selected",
    "done_share": "part of a plan",
    "exposed_share": "part of the computing time",
    "hardware_ratio": "FLOPs that the hardware does for a model FLOP",
    "low": "in the unit of the compared quantity",
    "high": "in the unit of the compared quantity",
    "band": "share of what was published",
    "compute_share": "part of a step",
    "communicate_share": "part of a step",
    "wait_share": "part of a step",
    "layers": "a count that a catalogue holds as a number",
    "width": "numbers of a vector",
    "context": "a count that a catalogue holds as a number",
    "hidden": "a count that a catalogue holds as a number",
    "heads": "a count that a catalogue holds as a number",
    "vocabulary": "a count that a catalogue holds as a number",
    "sequences": "a count that may be fractional",
    "flop": "the name is the unit",
    "least": "its unit is named by the field whose bound it is",
    "weight": "a flow's share beside another's",
    "utilisation": "share of time or of a peak",
    "p5_share": "of a peak: one in twenty is below",
    "p50_share": "of a peak: half are below",
    "p95_share": "of a peak: one in twenty is above",
    "most_error": "a bound of ours over published, minus 1",
    "within_two_share": "part of a number of runs",
    "covered_share": "part of a number of runs",
    "least_within_two_share": "part of a number of runs",
    "least_covered_share": "part of a number of runs",
    "output_share": "part of the tokens",
    "spread_ratio": "one standard deviation up over the median",
    "width_ratio": "P95 over P5",
    "most_width_ratio": "a bound of P95 over P5",
    "parameters": "a count that a catalogue holds as a number",
    "z": "a count of standard deviations",
    "mu": "in the unit of the measure",
    "sigma": "in the unit of the measure",
    "position": "of an axis, in whatever it counts",
    "mfu": "model FLOPs utilisation",
    "pue": "facility power over IT power",
    "ratio": "one over the other",
    "rebound": "part of a saving that is spent elsewhere",
    "after": "a saving, in the unit of the criterion that is named above it",
    "interaction": "a difference of savings, in the unit of the criterion that is named above it",
    "error": "ours over published, minus 1",
    "transfers": "a count, the level of steps",
    "members": "a count, the level of steps",
    "samples": "a count that may be fractional",
    "units": "a count of functional units, which may be fractional",
    "km": "the name is the unit",
    "most": "a count of users in the mean of their luck",
    "drop_share": "where in its session a client stops; infinite: never",
    "speed_spread": "one standard deviation up over the median",
    "rate_spread": "one standard deviation up over the median",
    "over_selection": "devices selected over updates waited for",
    "smaller": "what is left of bits, over all of them",
    "selected": "a count that may be fractional",
    "bytes_count": "a count of bytes",
    "up_ratio": "bits sent over those of an update",
    "target": "share of the test samples that a model is to get right",
    "rate": "a learning rate: how far a step goes along the gradient",
    "server_rate": "a learning rate: how far the server goes along the mean update",
    "momentum": "part of a step that goes on in the next one",
    "proximal": "how strongly a client is held near its start",
    "accuracy": "share of the test samples that a model gets right",
    "target_accuracy": "share of the test samples that a model is to get right",
    "test_share": "part of the samples",
    "beta1": "part of a moment that is kept",
    "beta2": "part of a moment that is kept",
    "tau": "what the second root is added to",
    "adaptivity": "what the second root is added to",
    "staleness": "a count of versions, in the mean",
    "gini": "0 where all have as much, near 1 where one has all",
    "factor": "of a unit to its SI unit",
    "value": "its unit is named by the parameter, field or column beside it",
    "published": "its unit is named by the field `quantity` beside it",
    "ours": "its unit is named by the field `quantity` beside it",
}
"""The names of floats that carry no unit, and why."""

BASES = {"Spec", "SimulatorError", "NamedTuple", "Protocol"}
ROOTS = {
    ("spec.py", "Spec", "BaseModel"): "the base of all specs",
    ("errors.py", "SimulatorError", "Exception"): "the base of all user errors",
    ("scenario/yaml_file.py", "_Named", "io.StringIO"): "the YAML parser asks a stream for its name",
    ("scenario/load.py", "_Dumper", "yaml.SafeDumper"): "the YAML writer takes its options from a class of one's own",
}
"""The only classes that inherit from anything else: (module, class, base)."""

BROAD = {"Exception", "BaseException", "AttributeError"}
MOST_FUNCTION_LINES, MOST_MODULE_LINES, MOST_METHODS = 60, 400, 12
BROUGHT_BY = {"pydantic_core": "pydantic", "llvmlite": "numba"}
"""Modules of a distribution that another one pins to the exact version and documents as its own."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree):
    """Public functions of a module and public methods (and `__init__`) of its public classes, with dotted names."""
    for node in tree.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, Function) and (inner.name == "__init__" or not inner.name.startswith("_")):
                    yield f"{node.name}.{inner.name}", inner


def classes(tree):
    return [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def floats(tree):
    """(dotted name, name) of every plain float in public signatures and fields."""
    found = []
    for owner, node in functions(tree):
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg)
        found += [(owner, a.arg, a.annotation) for a in arguments if a is not None and a.annotation is not None]
        fields = [n for n in ast.walk(node) if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Attribute)]
        found += [(owner, n.target.attr, n.annotation) for n in fields]
    for node in classes(tree):
        fields = [n for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
        found += [(node.name, n.target.id, n.annotation) for n in fields]
    for owner, name, annotation in found:
        kinds = set(ast.unparse(annotation).strip("'\"").replace(" ", "").split("|"))
        if "float" in kinds <= {"float", "None"} and not name.startswith("_"):
            yield owner, name


def floats_without_unit(module) -> Iterator[str]:
    for owner, name in floats(module.tree):
        if name not in DIMENSIONLESS and not UNITS.fullmatch(name):
            yield f"{owner}: {name}"


def long_functions(module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, Function) and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES:
            yield f"{node.name} has {node.end_lineno - node.lineno + 1} lines"


def long_modules(module) -> Iterator[str]:
    if module.lines > MOST_MODULE_LINES:
        yield f"{module.lines} lines"


def crowded_classes(module) -> Iterator[str]:
    for node in classes(module.tree):
        methods = [n.name for n in node.body if isinstance(n, Function) and not n.name.startswith("_")]
        if len(methods) > MOST_METHODS:
            yield f"{node.name} has {len(methods)} public methods"


def inheritance(module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in node.bases]
            strange = [b for b in bases if b not in BASES and (module.path, node.name, b) not in ROOTS]
            if strange or len(bases) > 1:
                yield f"{node.name} inherits from {', '.join(bases)}"


def missing_docstrings(module) -> Iterator[str]:
    named = [("the module", module.tree), *((node.name, node) for node in classes(module.tree))]
    named += [(name, node) for name, node in functions(module.tree) if node.name != "__init__"]
    for name, node in named:
        if not (ast.get_docstring(node) or "").strip():
            yield f"{name} has no docstring"


def broad_catches(module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"everything"}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("suppress", "contextlib.suppress"):
            caught = {n.id for a in node.args for n in ast.walk(a) if isinstance(n, ast.Name)}
        else:
            continue
        if caught & {*BROAD, "everything"}:
            yield f"line {node.lineno} catches {', '.join(sorted(caught))}"


def prints(module) -> Iterator[str]:
    if not module.path.startswith("view/") and module.path != "cli.py":
        yield from (f"line {line}" for line in calls(module.tree, "print"))


def hashes(module) -> Iterator[str]:
    yield from (f"line {line}" for line in calls(module.tree, "hash"))


def calls(tree, name):
    return [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == name]


def global_luck(module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("np.random", "numpy.random"):
            if node.attr not in ("Generator", "Philox"):
                yield f"line {node.lineno} uses np.random.{node.attr}"
        elif "random" in {name.split(".")[0] for name in imported(node)}:
            yield f"line {node.lineno} imports random"


def wall_clocks(module) -> Iterator[str]:
    if module.path in ("api.py", "scenario/whole.py") or module.path.startswith(("view/", "study/sweep/")):
        return  # provenance, progress, and what computers do beside the simulated clock
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and re.fullmatch(
            r"time\.time(_ns)?|(datetime\.)?datetime\.(now|utcnow|today)|(datetime\.)?date\.today", ast.unparse(node)
        ):
            yield f"line {node.lineno} reads {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time" and {n.name for n in node.names} & {"time"}:
            yield f"line {node.lineno} imports time.time"


def imported(node):
    """The modules that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def relative_imports(module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.level or node.names[0].name == "*"):
            yield f"line {node.lineno}: {ast.unparse(node)}"


def code_in_inner_init(module) -> Iterator[str]:
    """An inner `__init__` holds a docstring, imports and tables; a NamedTuple may be the type of a table's rows."""
    if not module.path.endswith("/__init__.py"):
        return
    for node in module.tree.body:
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        row = isinstance(node, ast.ClassDef) and [ast.unparse(b) for b in node.bases] == ["NamedTuple"]
        row = row and not any(isinstance(n, Function) for n in node.body)
        if not (text or row or isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign)):
            yield f"line {node.lineno} is no import and no table"


EXAMPLES = {
    floats_without_unit: "def draw(power: float) -> None: ...\nclass Row(NamedTuple):\n    time: float | None = None",
    long_functions: "def f():\n" + "    pass\n" * 60,
    long_modules: "pass\n" * 401,
    crowded_classes: "class A:\n" + "".join(f"    def f{n}(self): ...\n" for n in range(13)),
    inheritance: "class Pair(Spec, Mixin): ...\nclass Train(Pair): ...",
    missing_docstrings: "class A:\n    def f(self): ...",
    broad_catches: "try: ...\nexcept: ...\ntry: ...\nexcept (ValueError, Exception): ...\nsuppress(BaseException)",
    prints: "print(1)",
    hashes: "hash('a')",
    global_luck: "import random\nfrom random import choice\nnp.random.default_rng()",
    wall_clocks: "time.time()\ndatetime.now(UTC)\nfrom time import time",
    relative_imports: "from . import units\nfrom simulator.units import *",
    code_in_inner_init: "def f(): ...\nclass A(NamedTuple):\n    def f(self): ...\nprint(1)",
}
FAULTS = dict(zip(EXAMPLES, (2, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 3), strict=True))
"""How many faults the example of each rule holds, counted by hand."""


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: rule.__name__)
def test_each_rule_sees_the_faults_of_its_example(rule):
    code = EXAMPLES[rule]
    found = list(rule(SimpleNamespace(path="new/__init__.py", tree=ast.parse(code), lines=len(code.splitlines()))))
    assert len(found) == FAULTS[rule], found


def faults(rule, modules):
    return [f"{module.path}: {fault}" for module in modules for fault in rule(module)]


def test_the_source_is_found(modules):
    assert {"__init__.py", "api.py", "engine/ledger.py", "workloads/train.py"} <= {module.path for module in modules}


def test_plain_floats_end_in_their_unit_or_are_known_to_have_none(modules):
    assert faults(floats_without_unit, modules) == []


def test_functions_have_at_most_60_lines(modules):
    assert faults(long_functions, modules) == []


def test_modules_have_at_most_400_lines(modules):
    assert faults(long_modules, modules) == []


def test_classes_have_at_most_12_public_methods(modules):
    assert faults(crowded_classes, modules) == []


def test_nothing_inherits_but_specs_errors_tuples_and_protocols(modules):
    assert faults(inheritance, modules) == []


def test_every_module_and_everything_public_in_it_has_a_docstring(modules):
    assert faults(missing_docstrings, modules) == []


def test_nothing_is_caught_bare_or_broadly(modules):
    assert faults(broad_catches, modules) == []


def test_only_the_view_and_the_command_print(modules):
    assert faults(prints, modules) == []


def test_nothing_depends_on_hash(modules):
    assert faults(hashes, modules) == []


def test_no_draw_comes_from_global_random_state(modules):
    assert faults(global_luck, modules) == []


def test_nothing_that_is_simulated_reads_the_wall_clock(modules):
    assert faults(wall_clocks, modules) == []


def test_imports_are_absolute_and_name_what_they_import(modules):
    assert faults(relative_imports, modules) == []


def test_inner_inits_hold_a_table_or_re_exports_and_no_code(modules):
    assert faults(code_in_inner_init, modules) == []


@pytest.fixture(scope="module")
def setup(root):
    found = ConfigParser()
    found.read(root / "setup.cfg", encoding="utf-8")
    return found["options"]


@pytest.fixture(scope="module")
def requirements(setup):
    """The lines of `install_requires`."""
    return setup["install_requires"].split()


def test_the_packages_of_setup_cfg_are_those_on_disk(setup, root, modules):
    on_disk = {f"simulator/{m.path}".removesuffix("/__init__.py") for m in modules if m.path.endswith("__init__.py")}
    on_disk = {path.replace("/", ".") for path in on_disk}
    assert (root / "scenarios").is_dir()
    assert setup["packages"].split() == sorted(on_disk | {"simulator.scenarios"})


def test_requirements_have_a_lower_bound_and_no_other(requirements):
    assert [text for text in requirements if not re.fullmatch(r"[A-Za-z0-9_-]+>=\d+(\.\d+)*", text)] == []


def test_what_is_imported_is_required_and_what_is_required_is_imported(requirements, modules):
    """Except tzdata, which holds the time zones that `zoneinfo` reads and is never imported by name."""
    names = {name.split(".")[0] for m in modules for node in ast.walk(m.tree) for name in imported(node)}
    third_party = names - sys.stdlib_module_names - {"simulator"}
    homes = packages_distributions()
    used = {BROUGHT_BY.get(name) or homes[name][0] for name in third_party}
    required = {text.split(">=")[0] for text in requirements}
    assert {name.lower() for name in used} | {"tzdata"} == {name.lower() for name in required}
