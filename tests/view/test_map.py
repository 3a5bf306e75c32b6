"""The map of the physical internet: its lines, its words, its bytes."""

import json
import string
from itertools import pairwise

import pytest

import simulator as sim
from simulator.errors import UsageError
from simulator.footprint.carried import Carried, carried
from simulator.network.atlas import BRANCHING, build_atlas
from simulator.network.path import edge_capacity_bps
from simulator.network.tables import SUBMARINE
from simulator.view import map as view
from simulator.view.map_layers import _lands
from simulator.view.map_run import Run, run_of
from simulator.view.map_style import HAIRLINE, LEVELS, SERVICE, exchange_area, line_width, region_area
from simulator.view.map_words import WORDS, with_prefix, words_of, written
from simulator.view.strands import by_capacity, by_traffic, most_carried_b

A_TERABIT = 1e12


@pytest.fixture(scope="module")
def sent():
    """25 GB from Paris to Lyon, 50 GB from Paris by Lyon to Grenoble."""
    return sim.run("small/transfer")


def test_links_carry_what_was_sent_over_them(sent):
    """600 Gbit to Lyon, 400 Gbit on to Grenoble, within the 60 s of the scenario's own arithmetic."""
    found = {(link.start, link.end): link for link in carried(sent._tables, "main")}
    assert set(found) == {("paris", "lyon"), ("lyon", "grenoble")}
    assert found["paris", "lyon"].size_b == pytest.approx(600e9)
    assert found["lyon", "grenoble"].size_b == pytest.approx(400e9)
    assert found["paris", "lyon"].time_s == pytest.approx(60.0, abs=0.01)
    assert found["paris", "lyon"].utilisation == pytest.approx(600 / 60 / 200e3, rel=1e-3)


def test_links_and_the_account_of_the_run_emit_the_same(sent):
    """126 km x 20 pJ/b/km x 400 Gbit: 1008 J, by the grid of France."""
    assets = {row["asset"]: row for row in sent.table("assets").to_pylist()}
    grids = {r["place"]: r["value"] for r in sent.table("signals").to_pylist() if r["signal"] == "grid_gco2e_per_kwh"}
    found = {(link.start, link.end): link for link in carried(sent._tables, "main")}
    assert assets["lyon>grenoble"]["slope_j_per_b"] * 400e9 == pytest.approx(1008.0)
    kg = 1008.0 / 3.6e6 * grids["internet/FR"] / 1000
    assert found["lyon", "grenoble"].emitted_kg == pytest.approx(kg)


def test_the_width_of_a_link_follows_its_bits(sent):
    run = run_of(sent._tables, "transfer", None)
    lines = by_traffic(build_atlas(2025), run.links, "utilisation", run.most_b).lines
    assert sorted(line.share for line in lines) == [pytest.approx(2 / 3), pytest.approx(1.0)]
    assert [line_width(share, 9.0) for share in (1.0, 2 / 3, 0.0)] == [9.0, 6.0, HAIRLINE]


def test_both_directions_are_one_line_as_wide_as_their_sum_and_as_full_as_the_busier():
    """3 + 1 of 4 units; overland in Europe each way carries what the catalogue assumes, and 10 % of that is level 3."""
    atlas = build_atlas(2025)
    edge_bps = edge_capacity_bps(atlas.edges["paris", "lyon"])
    there = Carried("paris", "lyon", "paris:lyon", 0.3 * edge_bps, 1.0, 2.0, edge_bps)
    back = Carried("lyon", "paris", "paris:lyon", 0.1 * edge_bps, 1.0, 0.5, edge_bps)
    (line,) = by_traffic(atlas, [there, back], "utilisation", 0.8 * edge_bps).lines
    assert (line.share, line.level) == (pytest.approx(0.5), 3)
    assert most_carried_b([there, back]) == pytest.approx(0.4 * edge_bps)
    found = by_traffic(atlas, [there, back], "carbon", 0.8 * edge_bps)
    assert found.bounds == pytest.approx((0.001, 0.01, 0.1, 1.0))
    assert found.lines[0].level == 4


@pytest.mark.parametrize("year", [2008, 2025])
def test_cables_are_as_wide_as_the_root_of_their_capacity_whatever_the_year(year):
    """The widest is one of 400 Tbit/s: a cable of 100 is half as wide, in any year."""
    atlas = build_atlas(year)
    links = [link for _, _, found in atlas.edges(data="links") for link in found]
    lines = by_capacity(atlas).lines
    known = [(k.capacity_bps, line.share) for k, line in zip(links, lines, strict=True) if k.capacity_bps is not None]
    assert [share for _, share in known] == [pytest.approx((bps / 400e12) ** 0.5) for bps, _ in known]
    assert len(lines) == len(links) > len(known) > 100


def test_lines_are_dashed_where_no_capacity_was_published():
    atlas = build_atlas(2025)
    links = [link for _, _, found in atlas.edges(data="links") for link in found]
    assumed = {link.cable for link, line in zip(links, by_capacity(atlas).lines, strict=True) if line.assumed}
    assert "basslink" in assumed
    assert "marea" not in assumed


def test_branching_units_are_no_landings():
    atlas = build_atlas(2025)
    kinds = {data["kind"] for place, data in atlas.nodes(data=True) if _lands(atlas, place)}
    assert any(data["kind"] == BRANCHING for _, data in atlas.nodes(data=True))
    assert BRANCHING not in kinds
    assert _lands(atlas, "marseille")
    assert not _lands(atlas, "grenoble")


def test_rings_and_squares_have_areas_in_proportion():
    assert exchange_area(10e12) == pytest.approx(2 * exchange_area(5e12))
    assert region_area(6) == pytest.approx(3 * region_area(2))


def test_levels_grow_darker_so_that_they_differ_in_grey():
    """Relative luminance by the weights of ITU-R BT.709."""

    def luminance(colour):
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colours in (SERVICE, LEVELS):
        greys = [luminance(colour) for colour in colours]
        assert all(before - after > 15 for before, after in pairwise(greys))


def fields(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_language_fills_in_the_same_and_repeats_none_of_english():
    english = WORDS["en"]._asdict()
    for lang, words in WORDS.items():
        for name, text in words._asdict().items():
            if isinstance(text, str):
                assert fields(text) == fields(english[name]), (lang, name)
                assert lang == "en" or name == "europe" or text != english[name], (lang, name)


def test_the_cities_that_have_another_name_are_cities_of_the_atlas():
    atlas = build_atlas(2025)
    assert [place for words in WORDS.values() for place in words.cities if place not in atlas] == []


def test_french_numbers_have_a_comma_and_bytes_are_octets():
    words = words_of("fr")
    assert with_prefix(words, 2.5e12, words.byte) == "2,5 To"
    assert with_prefix(words, 0.0, "g") == "0 g"
    assert written(words, 0.001) == "0,001"


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request):
    return request.param, view.draw(2025, "utilisation", None, request.param, "1")


def far_run():
    """A run that sent 12 Tbit over MAREA, 3 of them back."""
    links = [Carried("virginia-beach", "bilbao", "marea", 9e12, 10.0, 1.0, 2e14)]
    links.append(Carried("bilbao", "virginia-beach", "marea", 3e12, 10.0, 0.5, 2e14))
    return Run("far", "sent", 2025, links, 12e12, ["virginia-beach", "bilbao"])


def test_the_map_speaks_its_language(page):
    lang, figure = page
    assert figure.texts[0].get_text() == words_of(lang).title.format(year=2025)


@pytest.mark.parametrize("colour", ["utilisation", "carbon"])
@pytest.mark.parametrize("lang", WORDS)
def test_no_text_leaves_the_page_of_a_run(lang, colour):
    """12 Tbit are 1.5 TB, and 1.5 kg were emitted."""
    figure = view.draw(2025, colour, far_run(), lang, "0.1.0")
    words = words_of(lang)
    said = [f"1{words.decimal}5 T{words.byte}", f"1{words.decimal}5 kg"]
    assert [text for text in said if text not in figure.texts[1].get_text()] == []
    no_text_leaves(figure)


def test_no_text_leaves_the_page(page):
    no_text_leaves(page[1])


def no_text_leaves(figure):
    figure.canvas.draw()
    texts = [text for g in figure.legends for text in (g.get_title(), *g.get_texts())]
    boxes = [text.get_window_extent() for text in (*figure.texts, *texts)]
    assert len(boxes) > 12
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= figure.bbox.y1 for box in boxes)


def test_no_name_lies_over_another_and_the_hubs_have_theirs(page):
    lang, figure = page
    found = set()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts]
        found |= {text.get_text() for text in axes.texts}
        overlaps = [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if a.overlaps(b)]
        assert overlaps == []
    hubs = {"en": {"London", "Frankfurt", "Singapore"}, "fr": {"Londres", "Francfort", "Singapour"}}
    assert {"Amsterdam", "Tokyo", *hubs[lang]} <= found


def test_legends_do_not_lie_over_each_other(page):
    _, figure = page
    boxes = [legend.get_window_extent() for legend in figure.legends]
    boxes += [axes.get_window_extent() for axes in figure.axes]
    assert len(boxes) == 6
    assert [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if a.overlaps(b)] == []


def test_the_map_of_a_run_shows_where_its_bits_went_and_is_the_same_twice(sent, tmp_path):
    one, two = (tmp_path / name for name in ("one.png", "two.png"))
    picture = sim.draw_map(one, results=sent, lang="fr", colour="carbon")
    sim.draw_map(two, results=sent, lang="fr", colour="carbon")
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes().startswith(b"\x89PNG")
    _, detail = picture.figure.axes
    assert {text.get_text() for text in detail.texts} == {"Paris", "Lyon", "Grenoble"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "two.png"]


def test_bits_that_go_far_leave_the_windows_where_cables_are_dense():
    run = far_run()
    strands = by_traffic(build_atlas(2025), run.links, "utilisation", run.most_b)
    assert set(view._windows(words_of("en"), strands, run)) == {"Europe", "East Asia"}
    assert strands.lines[0].kind == SUBMARINE


def test_a_result_of_several_paradigms_is_mapped_one_at_a_time_on_one_scale():
    result = sim.run("talk/federated_assumed")
    with pytest.raises(UsageError, match="centralised, federated; choose one with --paradigm"):
        sim.draw_map(results=result)
    with pytest.raises(UsageError, match="there is centralised, federated"):
        sim.draw_map(results=result, paradigm="local")
    runs = [run_of(result._tables, result.name, name) for name in ("centralised", "federated")]
    assert runs[0].most_b == runs[1].most_b == max(most_carried_b(run.links) for run in runs)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"lang": "de"}, "there is en, fr"),
        ({"colour": "carbon"}, "give its folder with --results"),
        ({"paradigm": "main"}, "give its folder with --results"),
        ({"year": 1980}, "no submarine cable of the catalogue is in service; choose a year from 1995 on"),
    ],
)
def test_what_there_is_not_to_draw_is_a_sentence(asked, sentence):
    with pytest.raises(UsageError, match=sentence):
        sim.draw_map(**asked)


def test_a_run_says_what_cannot_be_asked_of_its_map(sent):
    with pytest.raises(UsageError, match="it ran on the internet of 2025; leave out --year"):
        sim.draw_map(results=sent, year=2020)
    with pytest.raises(UsageError, match="there is utilisation, carbon"):
        sim.draw_map(results=sent, colour="red")
    with pytest.raises(UsageError, match="it sent nothing over a link"):
        sim.draw_map(results=sim.run("small/one_gpu"))


def test_a_picture_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "taken.png").write_bytes(b"mine")
    (tmp_path / "folder.png").mkdir()
    for name, sentence in {
        "taken.png": "exists already",
        "folder.png": "is a folder",
        "no/map.png": "there is no folder",
        "map.svg": "written as PNG",
    }.items():
        with pytest.raises(UsageError, match=sentence):
            sim.draw_map(tmp_path / name)

    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(UsageError, match="No space left"):
        sim.draw_map(tmp_path / "taken.png", force=True)
    assert (tmp_path / "taken.png").read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "taken.png"]


def test_the_data_of_the_map_say_where_they_come_from(root):
    """They are files beside the code, and the licence of the land's wrapper travels with it."""
    data = root / "simulator" / "view" / "data"
    said = (data / "SOURCES.txt").read_text(encoding="utf-8")
    names = {path.name for path in data.iterdir()} - {"SOURCES.txt"}
    assert [name for name in names if name not in said] == []
    assert "public domain" in said
    assert "Permission to use, copy" in said
    assert json.loads((data / "land-110m.json").read_text(encoding="utf-8"))["type"] == "Topology"


def test_a_run_on_another_atlas_is_not_drawn():
    strange = [Carried("paris", "atlantis", "poseidon", 1.0, 1.0, 0.0, 1.0)]
    with pytest.raises(UsageError, match=r"not those of the catalogue, such as atlantis>paris"):
        by_traffic(build_atlas(2025), strange, "utilisation", 1.0)
