"""Scenario files: those that are shipped, those that are missing, and the forms that mean the same."""

import pytest

from simulator.errors import ScenarioError, UsageError
from simulator.scenario.load import dump, load, load_text
from simulator.scenario.shipped import STUDIES, header, shipped, shipped_folder
from simulator.scenario.spec import tasks

FILES = sorted(path for path in shipped_folder().rglob("*.yaml") if path.parent.name != STUDIES)
NAMES = [path.relative_to(shipped_folder()).as_posix() for path in FILES]
TWO = """\
name: two
world: {{datacenters: {{lab: {{grid: FR, devices: {{gpus: {{model: a100-sxm4-40gb, count: 8}}}}}}}}}}
workloads:
  - train: {{name: base, at: lab/gpus, time: 2 h}}
  - train: {{name: tuned, at: lab/gpus, time: 1 h, after: {after}}}
"""


def test_every_yaml_of_the_folder_is_shipped_by_its_name():
    assert len(FILES) >= 10
    assert sorted(f"{name}.yaml" for name in shipped()) == sorted(NAMES)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_shipped_scenario_loads(path):
    loaded = load(path)
    assert loaded.source == str(path)
    assert loaded.spec.name.replace("-", "_") == path.stem


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_shipped_scenario_says_what_it_asks_where_from_and_what_comes_out(path):
    said = header(path)
    assert {"question", "source", "answer"} <= said.keys()
    assert said["question"].endswith("?")
    assert all(said.values())


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_shipped_scenario_dumped_and_read_again_is_the_same(path):
    loaded = load(path)
    again = load_text(dump(loaded.data), str(path))
    assert (again.data, again.spec) == (loaded.data, loaded.spec)


@pytest.mark.parametrize(
    "asked",
    [
        "talk/stable_diffusion_v1",
        "talk/stable_diffusion_v1.yaml",
        "scenarios/talk/stable_diffusion_v1",
        "scenarios/talk/stable_diffusion_v1.yaml",
    ],
)
def test_a_shipped_name_resolves_from_any_folder(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load(asked).source == str(shipped()["talk/stable_diffusion_v1"])


def test_a_file_of_ones_own_comes_before_a_shipped_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "small" / "one_gpu"
    own.parent.mkdir()
    own.write_text(TWO.format(after="base"))
    assert load("small/one_gpu").spec.name == "two"


def test_a_header_goes_on_over_lines_and_ends_with_the_comment(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(
        "# question: how much,\n#           and why?\n# answer:   3 kWh: all of it\nname: a\n# source: none\n"
    )
    assert header(file) == {"question": "how much, and why?", "answer": "3 kWh: all of it"}


def test_a_file_that_is_not_there_says_how_to_list_those_that_are(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(tmp_path / "none.yaml")
    assert str(caught.value) == (
        f"{tmp_path}/none.yaml: there is no such file; "
        f"`aiceberg run` lists the {len(FILES)} scenarios that come with it"
    )


def test_a_folder_is_no_scenario(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path}: is a folder; give a scenario file in it"


@pytest.mark.parametrize("after", ["base", "[base]", "'base'", '["base",]'])
def test_after_is_a_name_or_a_list_of_names(after):
    _, tuned = tasks(load_text(TWO.format(after=after), "a.yaml").spec)["main"]
    assert tuned.spec.after == ["base"]


def test_the_same_text_twice_is_the_same_scenario():
    assert load_text(TWO.format(after="base"), "a.yaml") == load_text(TWO.format(after="base"), "a.yaml")


def test_another_value_is_another_scenario():
    one, other = (load_text(TWO.format(after=after), "a.yaml") for after in ("base", "[]"))
    assert one.spec != other.spec


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path):
    plain, windows = tmp_path / "plain.yaml", tmp_path / "windows.yaml"
    plain.write_text(TWO.format(after="base"))
    windows.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\n", b"\r\n"))
    assert load(windows).spec == load(plain).spec


def test_a_date_without_offset_is_utc():
    dates = ["2025-01-06", "2025-01-06T00:00", "2025-01-06T00:00Z", "2025-01-06T01:00+01:00"]
    starts = {load_text(TWO.format(after="base"), "a.yaml", {"start": date}).spec.start for date in dates}
    assert [start.isoformat() for start in starts] == ["2025-01-06T00:00:00+00:00"]


def test_a_workload_without_a_name_is_called_by_its_kind():
    (task,) = tasks(load("small/one_gpu").spec)["main"]
    assert (task.name, task.kind) == ("train", "train")


def test_a_broken_file_names_itself_as_it_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("name: lab\n")
    with pytest.raises(ScenarioError, match=r"^a\.yaml: 2 problems\n  a\.yaml:1:1: `world` is missing"):
        load("a.yaml")


def test_a_file_over_8_mib_is_refused_before_it_is_parsed(tmp_path):
    file = tmp_path / "big.yaml"
    file.write_bytes(b"#" * ((8 << 20) + 1))
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert [problem.sentence for problem in caught.value.problems] == [
        "the file is larger than 8 MiB; is it a scenario? Split it if so"
    ]


def test_a_file_of_8_mib_is_read(tmp_path):
    file = tmp_path / "long.yaml"
    text = shipped()["small/one_gpu"].read_bytes()
    file.write_bytes(text + b"#" * ((8 << 20) - len(text)))
    assert load(file).spec.name == "one-gpu"


@pytest.mark.parametrize("data", [b"name: a\nworld: \x00\n", b"\x00", b"name: 'a\x00'\n", b"# \x00\nname: a\n"])
def test_a_nul_byte_is_refused_where_it_stands(data, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_bytes(data)
    with pytest.raises(ScenarioError) as caught:
        load(file)
    line, column = data[: data.index(0)].count(b"\n") + 1, len(data[: data.index(0)].split(b"\n")[-1]) + 1
    assert [str(problem) for problem in caught.value.problems] == [
        f"{file}:{line}:{column}: a NUL byte, which no text holds; save the file as UTF-8 text"
    ]
