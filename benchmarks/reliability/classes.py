"""Run the tests of the 25 classes of faults that were tried on the program."""

from __future__ import annotations

import argparse
import re
import time
from dataclasses import dataclass

import pytest

from benchmarks.corpora import REPOSITORY
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "reliability" / "classes.json"


@dataclass(frozen=True)
class FaultClass:
    """Name one kind of fault, and the tests that try it.

    Parameters
    ----------
    number : int
        Its number in the table.
    name : str
        What could go wrong.
    right : str
        What the program does, which the tests hold it to.
    tests : tuple of str
        Files under ``tests``, each with the names of its tests after a colon,
        or alone where all of its tests belong here.
    """

    number: int
    name: str
    right: str
    tests: tuple[str, ...]


CLASSES: tuple[FaultClass, ...] = (
    FaultClass(
        1,
        "a pair counted beyond 2^24, 2^31, 2^32 times",
        "Counts are whole numbers, exact to 2^62, in counting, merging and files.",
        (
            "properties/test_extreme_inputs.py: test_a_count_at_the_edge_of_a_type_is_exact",
            "repsearch/counts/test_counting.py: test_counts_beyond_what_float32_can_count_are_exact"
            " test_counts_beyond_32_bits_are_exact",
            "repsearch/counts/test_counts.py: test_merging_beyond_32_bits_is_exact",
        ),
    ),
    FaultClass(
        2,
        "any split into shards, any order of merging, documents read backwards",
        "The counts are the same numbers.",
        (
            "repsearch/counts/test_counting.py: test_merged_shards_are_the_whole_in_any_order"
            " test_reading_the_text_backwards_changes_nothing test_counts_of_documents_add_up"
            " test_counts_do_not_depend_on_how_the_work_is_cut_up",
            "repsearch/counts/test_counts.py:"
            " test_merging_adds_whatever_the_order_of_words_and_of_parts",
        ),
    ),
    FaultClass(
        3,
        "documents of 0, 1, L and L + 1 words",
        "Counts are those of a plain enumeration of pairs.",
        (
            "properties/test_extreme_inputs.py: test_documents_about_as_long_as_the_window",
            "repsearch/counts/test_counting.py: test_counts_are_those_of_brute_force",
        ),
    ),
    FaultClass(
        5,
        "an empty corpus, one word, more words than 65,535 and more pairs than 2^31",
        "Too little is refused with a sentence; words have 32-bit numbers, pairs 64-bit ones.",
        (
            "properties/test_extreme_inputs.py:"
            " test_more_words_than_16_bits_and_more_pairs_than_32",
            "repsearch/spectrum/test_spectrum.py: test_a_vocabulary_of_one_word",
            "repsearch/target/test_target.py: test_any_corpus_has_a_finite_target_or_a_reason",
        ),
    ),
    FaultClass(
        6,
        "word number 0 in every question",
        "It is a word as any other.",
        ("probes/analogy/test_analogies.py: test_fault_19_the_word_of_row_0_is_a_word",),
    ),
    FaultClass(
        7,
        "pairs that were never seen, words that never meet",
        "M* is exactly -2 there, and its eigenpairs are those of a dense library.",
        (
            "properties/test_extreme_inputs.py: test_words_that_never_meet_have_their_own_modes",
            "repsearch/target/test_target.py: test_unseen_pairs_are_exactly_minus_two"
            " test_a_word_that_cooccurs_with_nothing_was_never_seen_with_anything",
        ),
    ),
    FaultClass(
        8,
        "a large negative eigenvalue",
        "Modes are ordered by signed value; it comes last and limits explicit steps only.",
        (
            "repsearch/spectrum/test_spectrum.py: test_a_dominating_negative_eigenvalue_comes_last",
            "repsearch/training/test_integrators.py:"
            " test_a_huge_negative_eigenvalue_dictates_explicit_steps_only",
        ),
    ),
    FaultClass(
        9,
        "degenerate and clustered eigenvalues, over runs and threads",
        "Every copy is found, and the bits are the same.",
        (
            "repsearch/spectrum/test_spectrum.py: test_every_copy_of_a_repeated_eigenvalue_is_found"
            " test_the_bits_do_not_depend_on_the_processors",
            "repsearch/spectrum/test_weighted_eigenpairs.py: test_every_copy_is_found_at_both_ends"
            " test_a_missed_eigenvalue_at_either_end_is_looked_for",
        ),
    ),
    FaultClass(
        10,
        "d of 0, of V or more, above the number of positive eigenvalues",
        "Asked for, it is refused with what can be had; a default adapts.",
        (
            "repsearch/spectrum/test_spectrum.py: test_bad_arguments"
            " test_embeddings_that_do_not_exist",
            "repsearch/dynamics/test_trajectory.py: test_more_dimensions_than_modes",
        ),
    ),
    FaultClass(
        11,
        "a solver stopped by its limit",
        "It says that it did not converge, and gives no result.",
        (
            "repsearch/spectrum/test_spectrum.py: test_lanczos_that_does_not_converge_is_told",
            "repsearch/training/test_integrators.py: test_divergence_is_named_and_does_not_hang",
        ),
    ),
    FaultClass(
        12,
        "λt from 1e-8 to 1e6, a start of 1e-300",
        "The closed form is right to rounding, held against 50 digits.",
        (
            "repsearch/dynamics/test_closed_forms.py: test_no_time_is_too_long_or_short"
            " test_aligned_and_exact_agree_from_the_smallest_starts test_growth",
            "repsearch/dynamics/test_exact_extended.py: test_any_start_at_any_time test_a_million",
        ),
    ),
    FaultClass(
        13,
        "far past convergence",
        "The solution stays at the minimum.",
        (
            "repsearch/dynamics/test_closed_forms.py: test_no_time_is_too_long_or_short",
            "repsearch/training/test_integrators.py: test_the_origin_stays",
        ),
    ),
    FaultClass(
        14,
        "a learning rate above the bound of stability",
        "It is refused, and the bound named.",
        (
            "repsearch/training/test_integrators.py:"
            " test_a_rate_above_the_bound_is_refused_with_the_bound"
            " test_the_bound_is_that_of_the_hessian",
            "repsearch/training/test_run.py:"
            " test_divergence_names_the_step_and_keeps_what_was_good",
        ),
    ),
    FaultClass(
        15,
        "1 and 2 threads, another seed of Python's hashes, another folder, a resumed run",
        "The files have the same bytes.",
        (
            "properties/test_extreme_inputs.py: "
            "test_the_commands_write_the_same_bytes_wherever_and_however_often_they_run",
            "repsearch/training/test_run.py: test_same_bits_on_any_number_of_threads"
            " test_an_interrupted_run_ends_in_the_same_bits"
            " test_a_killed_run_ends_in_the_same_bits",
        ),
    ),
)


def main(arguments: list[str]) -> None:
    """Run the tests of every class and write how they ended.

    Parameters
    ----------
    arguments : list of str
        Words of the command line; those that are not known go to pytest.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability classes")
    _, options = parser.parse_known_args(arguments)
    began = time.monotonic()
    ends = _Ends()
    named = dict.fromkeys(test for each in CLASSES for test in named_tests(each))
    pytest.main(["-q", "-p", "no:cacheprovider", *options, *named], plugins=[ends])
    rows = []
    for each in CLASSES:
        found = [ends.of(test) for test in named_tests(each)]
        rows.append(
            {"number": each.number}
            | {
                end: sum(one.get(end, 0) for one in found)
                for end in ("passed", "failed", "skipped")
            }
        )
    write_json(
        {"machine": machine(), "versions": versions(), "seconds": time.monotonic() - began}
        | {"classes": rows},
        RESULTS,
    )


def named_tests(fault: FaultClass) -> list[str]:
    """Name the tests of a class as pytest does.

    Parameters
    ----------
    fault : FaultClass
        The class.

    Returns
    -------
    list of str
        Such as ``"tests/a/test_b.py::test_c"``.
    """
    found = []
    for entry in fault.tests:
        path, _, names = entry.partition(":")
        found += [f"tests/{path}::{name}" for name in names.split()] or [f"tests/{path}"]
    return found


class _Ends:
    """Collects how each test ended."""

    def __init__(self) -> None:
        self._ends: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test that passes, and fails while it is torn down, has failed.
        known = self._ends.get(report.nodeid)
        if known != "failed" and (report.when == "call" or not report.passed):
            self._ends[report.nodeid] = report.outcome

    def of(self, test: str) -> dict[str, int]:
        """Count ends of a test with all its parameters, or of a file."""
        found: dict[str, int] = {}
        for node, end in self._ends.items():
            if re.sub(r"\[.*", "", node) == test or node.partition("::")[0] == test:
                found[end] = found.get(end, 0) + 1
        return found
