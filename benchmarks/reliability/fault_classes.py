"""List the 25 classes of faults that were tried on the program, with their tests."""

from __future__ import annotations

from dataclasses import dataclass


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
        Files, each with the names of its tests after a colon,
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
            "tests/properties/test_extreme_inputs.py: test_a_count_at_the_edge_of_a_type_is_exact",
            "tests/repsearch/counts/test_counting.py:"
            " test_counts_beyond_what_float32_can_count_are_exact"
            " test_counts_beyond_32_bits_are_exact",
            "tests/repsearch/counts/test_counts.py: test_merging_beyond_32_bits_is_exact",
        ),
    ),
    FaultClass(
        2,
        "any split into shards, any order of merging, documents read backwards",
        "The counts are the same numbers.",
        (
            "tests/repsearch/counts/test_counting.py: test_merged_shards_are_the_whole_in_any_order"
            " test_reading_the_text_backwards_changes_nothing test_counts_of_documents_add_up"
            " test_counts_do_not_depend_on_how_the_work_is_cut_up",
            "tests/repsearch/counts/test_counts.py:"
            " test_merging_adds_whatever_the_order_of_words_and_of_parts",
        ),
    ),
    FaultClass(
        3,
        "documents of 0, 1, L and L + 1 words",
        "Counts are those of a plain enumeration of pairs.",
        (
            "tests/properties/test_extreme_inputs.py: test_documents_about_as_long_as_the_window",
            "tests/repsearch/counts/test_counting.py: test_counts_are_those_of_brute_force",
        ),
    ),
    FaultClass(
        4,
        "bytes that are no UTF-8, NUL, byte-order marks, CR LF, surrogates, lines of 100 MB, NFC "
        "and NFD, characters of no width, archives cut short, archives that unpack to everything",
        "The format is told from the first bytes; lines take no memory; damage is named.",
        (
            "tests/repsearch/text/test_formats.py",
            "tests/repsearch/text/test_pieces.py",
            "tests/repsearch/text/test_normalisation.py",
            "tests/repsearch/text/test_json_records.py",
            "tests/repsearch/text/test_documents.py",
        ),
    ),
    FaultClass(
        5,
        "an empty corpus, one word, more words than 65,535 and more pairs than 2^31",
        "Too little is refused with a sentence; words have 32-bit numbers, pairs 64-bit ones.",
        (
            "tests/properties/test_extreme_inputs.py:"
            " test_more_words_than_16_bits_and_more_pairs_than_32",
            "tests/repsearch/spectrum/test_spectrum.py: test_a_vocabulary_of_one_word",
            "tests/repsearch/target/test_target.py:"
            " test_any_corpus_has_a_finite_target_or_a_reason",
        ),
    ),
    FaultClass(
        6,
        "word number 0 in every question",
        "It is a word as any other.",
        ("tests/probes/analogy/test_analogies.py: test_fault_19_the_word_of_row_0_is_a_word",),
    ),
    FaultClass(
        7,
        "pairs that were never seen, words that never meet",
        "M* is exactly -2 there, and its eigenpairs are those of a dense library.",
        (
            "tests/properties/test_extreme_inputs.py:"
            " test_words_that_never_meet_have_their_own_modes",
            "tests/repsearch/target/test_target.py: test_unseen_pairs_are_exactly_minus_two"
            " test_a_word_that_cooccurs_with_nothing_was_never_seen_with_anything",
        ),
    ),
    FaultClass(
        8,
        "a large negative eigenvalue",
        "Modes are ordered by signed value; it comes last and limits explicit steps only.",
        (
            "tests/repsearch/spectrum/test_spectrum.py:"
            " test_a_dominating_negative_eigenvalue_comes_last",
            "tests/repsearch/training/test_integrators.py:"
            " test_a_huge_negative_eigenvalue_dictates_explicit_steps_only",
        ),
    ),
    FaultClass(
        9,
        "degenerate and clustered eigenvalues, over runs and threads",
        "Every copy is found, and the bits are the same.",
        (
            "tests/repsearch/spectrum/test_spectrum.py:"
            " test_every_copy_of_a_repeated_eigenvalue_is_found"
            " test_the_bits_do_not_depend_on_the_processors",
            "tests/repsearch/spectrum/test_weighted_eigenpairs.py:"
            " test_every_copy_is_found_at_both_ends",
            "tests/repsearch/spectrum/test_block_lanczos.py: test_any_mixture_of_copies"
            " test_without_the_search_for_what_was_missed_copies_are_missed"
            " test_one_that_a_start_is_blind_to_is_found",
        ),
    ),
    FaultClass(
        10,
        "d of 0, of V or more, above the number of positive eigenvalues",
        "Asked for, it is refused with what can be had; a default adapts.",
        (
            "tests/repsearch/spectrum/test_spectrum.py: test_bad_arguments"
            " test_embeddings_that_do_not_exist",
            "tests/repsearch/dynamics/test_trajectory.py: test_more_dimensions_than_modes",
        ),
    ),
    FaultClass(
        11,
        "a solver stopped by its limit",
        "It says that it did not converge, and gives no result.",
        (
            "tests/repsearch/spectrum/test_spectrum.py:"
            " test_lanczos_that_does_not_converge_is_told",
            "tests/repsearch/training/test_integrators.py:"
            " test_divergence_is_named_and_does_not_hang",
        ),
    ),
    FaultClass(
        12,
        "λt from 1e-8 to 1e6, a start of 1e-300",
        "The closed form is right to rounding, held against 50 digits.",
        (
            "tests/repsearch/dynamics/test_closed_forms.py: test_no_time_is_too_long_or_short"
            " test_aligned_and_exact_agree_from_the_smallest_starts test_growth",
            "tests/repsearch/dynamics/test_exact_extended.py:"
            " test_any_start_at_any_time test_a_million",
        ),
    ),
    FaultClass(
        13,
        "far past convergence",
        "The solution stays at the minimum.",
        (
            "tests/repsearch/dynamics/test_closed_forms.py: test_no_time_is_too_long_or_short",
            "tests/repsearch/training/test_integrators.py: test_the_origin_stays",
        ),
    ),
    FaultClass(
        14,
        "a learning rate above the bound of stability",
        "It is refused, and the bound named.",
        (
            "tests/repsearch/training/test_integrators.py:"
            " test_a_rate_above_the_bound_is_refused_with_the_bound"
            " test_the_bound_is_that_of_the_hessian",
            "tests/repsearch/training/test_run.py:"
            " test_divergence_names_the_step_and_keeps_what_was_good",
        ),
    ),
    FaultClass(
        15,
        "1 and 2 threads, another seed of Python's hashes, another folder, a resumed run",
        "The files have the same bytes.",
        (
            "tests/properties/test_extreme_inputs.py: "
            "test_the_commands_write_the_same_bytes_wherever_and_however_often_they_run",
            "tests/repsearch/training/test_run.py: test_same_bits_on_any_number_of_threads"
            " test_an_interrupted_run_ends_in_the_same_bits"
            " test_a_killed_run_ends_in_the_same_bits",
        ),
    ),
    FaultClass(
        16,
        "SIGKILL at random moments of every long command",
        "Outputs are absent or whole; what is left behind goes with the next command (and below).",
        (
            "tests/repsearch/storage/test_leftovers.py",
            "tests/probes/studies/test_run_folder.py:"
            " test_killed_at_every_change_it_makes_it_never_reads_as_a_mixture",
            "tests/repsearch/training/test_run.py: test_a_killed_run_ends_in_the_same_bits",
            "tests/benchmarks/test_reliability.py",
        ),
    ),
    FaultClass(
        17,
        "a full disk, a folder that may not be written, or that vanishes in the middle",
        "Outputs are tried before the work; one sentence, and what was there stays.",
        (
            "tests/repsearch/storage/test_disk_faults.py",
            "tests/repsearch/storage/test_atomic.py",
            "tests/repsearch/cli/test_outputs_first.py",
        ),
    ),
    FaultClass(
        18,
        "two writers of one output",
        "One whole output is left; a second run in the same folder is refused at once.",
        (
            "tests/repsearch/storage/test_disk_faults.py: test_two_writers_leave_one_whole_output"
            " test_two_writers_of_different_corpora_leave_one_of_them"
            " test_a_second_run_in_the_same_folder_is_refused_at_once",
            "tests/repsearch/storage/test_locking.py",
            "tests/probes/studies/test_run_folder.py: test_two_at_once",
        ),
    ),
    FaultClass(
        19,
        "flipped bits, files cut short",
        "Seen, or harmless, in every file of ours (and below).",
        (
            "tests/repsearch/corpus/test_damaged_folder.py",
            "tests/repsearch/counts/test_counts.py: test_a_flipped_byte_is_refused_or_harmless"
            " test_a_file_cut_short_anywhere_is_refused",
            "tests/repsearch/spectrum/test_spectrum.py: test_a_flipped_byte_is_refused_or_harmless"
            " test_a_file_cut_short_anywhere_is_refused",
            "tests/repsearch/embeddings/test_formats.py:"
            " test_no_flipped_bit_goes_unseen_in_the_formats_with_checksums",
            "tests/probes/studies/test_verification.py",
        ),
    ),
    FaultClass(
        20,
        "hostile files: pickles, sizes beyond all memory, valid checksums over nonsense, paths "
        "that climb out of a folder, markup, formulas and escape sequences in words",
        "Files are held to a description of their format; words are shown and not acted on.",
        (
            "tests/repsearch/counts/test_counts.py: test_a_member_that_is_wrong_is_refused"
            " test_a_pickled_object_is_refused_unopened",
            "tests/repsearch/spectrum/test_spectrum.py:"
            " test_a_file_with_something_wrong_is_refused",
            "tests/repsearch/training/test_store.py",
            "tests/repsearch/storage/test_visible.py",
            "tests/probes/test_hostile_words.py",
            "tests/properties/test_damaged_files.py",
        ),
    ),
    FaultClass(
        21,
        "damaged files of embeddings, in every format that is read",
        "Read or refused with one sentence; nothing is unpickled or allocated beforehand.",
        (
            "tests/repsearch/embeddings/test_formats.py: test_one_sentence_says_what_is_wrong"
            " test_damaged_bytes_give_an_input_error_or_other_embeddings"
            " test_what_the_machine_has_no_memory_for_is_refused_before_it_is_read",
            "tests/repsearch/embeddings/test_foreign_files.py: test_what_is_wrong_is_said"
            " test_object_arrays_are_not_unpickled test_any_file_is_read_or_refused"
            " test_a_header_that_announces_too_much_allocates_nothing",
        ),
    ),
    FaultClass(
        22,
        "damaged files of relations, questions and ratings",
        "Read or refused, with the file and the line.",
        (
            "tests/probes/relations/test_layouts.py: test_any_file_is_read_or_refused"
            " test_what_is_open_is_refused test_reading_is_bounded",
            "tests/probes/relations/test_relations.py:"
            " test_a_bad_file_is_an_error_that_names_the_place"
            " test_a_bad_question_file_names_the_line",
        ),
    ),
    FaultClass(
        23,
        "fits with N < 3, N > d, d = 1, equal rows, a flat spectrum, heavy tails, an effective "
        "dimension above the number of columns",
        "An answer, or a refusal that says why; what rests on a refused model says so.",
        (
            "tests/probes/random_matrix/test_fit.py: test_every_size_and_kind_has_an_answer"
            " test_degenerate_families_have_an_answer test_a_flat_spectrum_is_isotropic_noise"
            " test_a_flat_shape_is_the_limit_of_nearly_flat_ones test_unusable_rows"
            " test_what_rests_on_a_refused_model_says_so",
        ),
    ),
    FaultClass(
        24,
        "probes with one class, constant features, duplicates",
        "One class is refused, constant features change nothing, equal rows are one group.",
        (
            "tests/probes/hidden_states/test_equal_rows.py",
            "tests/probes/hidden_states/test_hidden_states.py: test_bad_arguments"
            " test_features_that_never_change_change_nothing"
            " test_states_that_are_all_alike_are_one_group_and_refused",
        ),
    ),
    FaultClass(
        25,
        "a dense matrix of a million words, cuda without CUDA, a GPU that is full",
        "Refused before it is allocated; one sentence that names the way out.",
        (
            "tests/repsearch/target/test_target.py: test_a_dense_array_of_gigabytes_is_refused",
            "tests/repsearch/spectrum/test_spectrum.py: test_a_device_that_does_not_exist_is_told"
            " test_a_device_without_torch_is_told",
            "tests/repsearch/cli/test_commands.py:"
            " test_a_machine_that_is_too_small_is_told_in_one_sentence",
        ),
    ),
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
        Such as ``"tests/repsearch/counts/test_counts.py::test_it_prints_as_one_line"``.
    """
    found = []
    for entry in fault.tests:
        path, _, names = entry.partition(":")
        found += [f"{path}::{name}" for name in names.split()] or [path]
    return found
