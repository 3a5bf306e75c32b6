"""500 scenarios broken at random: each loads or is refused in our own words, and what loads runs."""

import random

import mutants as fuzz
import pytest

MUTANTS = list(fuzz.mutants(500, seed=1))
CHUNK = 50


@pytest.mark.parametrize("first", range(0, len(MUTANTS), CHUNK))
def test_a_broken_file_loads_or_is_refused_in_our_words_and_in_two_seconds(first, tmp_path):
    file = tmp_path / "mutant.yaml"
    for n, data in enumerate(MUTANTS[first : first + CHUNK], first):
        verdict = fuzz.judge(data, file)
        assert verdict.outcome in ("loaded", "refused"), (n, verdict)
        if verdict.outcome == "loaded":
            fuzz.run_small(file)


def test_the_same_seed_breaks_the_same_files_and_another_seed_others():
    assert list(fuzz.mutants(50, seed=1)) == MUTANTS[:50]
    assert list(fuzz.mutants(50, seed=2)) != MUTANTS[:50]


def test_some_still_load_and_run_and_most_do_not(tmp_path):
    file = tmp_path / "mutant.yaml"
    outcomes = [fuzz.judge(data, file).outcome for data in MUTANTS[:200]]
    assert 10 <= outcomes.count("loaded") <= 100


def test_words_that_are_not_ours_are_seen():
    for text in ("Traceback (most recent call last)", "Input should be a valid string", "found None"):
        assert fuzz.FOREIGN.search(text)
    assert not fuzz.FOREIGN.search("a.yaml:1:2: name: expected text, found nothing")


@pytest.mark.parametrize("mutation", [*fuzz.MUTATIONS, *fuzz.RARE], ids=lambda mutation: mutation.__name__)
def test_every_mutation_stands_an_empty_text(mutation):
    assert isinstance(mutation(random.Random(1), ""), str)
