"""List the probes that the command line and the report iterate over.

A probe is a function that returns a `probes.result.Result`, and an entry here.
The entry makes it a command, ``repsearch probe NAME``, with its tables and figures, and
a section of the report where it asks for no more than a report has (docs/add-a-probe.md).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from probes.concepts.causal import causal_geometry
from probes.concepts.probe import probe_concepts
from probes.concepts.signal_to_noise.snr_curves import snr_curves
from probes.concepts.spiked_families import spiked_families
from probes.emergence.study import emergence_study
from probes.geometry import isotropy
from probes.hidden_states.labelled_states import probe_labelled_states
from probes.layers.study import layer_curves
from probes.learning.study import learning_curves
from probes.model_theory.study import theory_beside
from probes.result import Result
from probes.topics.study import topic_study
from repsearch.progress import Progress


@dataclass(frozen=True)
class Option:
    """A keyword of a probe's function that the command line offers.

    Its type and its default are those of the function's signature.

    Parameters
    ----------
    name : str
        The keyword; ``--name`` on the command line.
    help : str
        One sentence.
    flags : tuple of str
        Other ways to write it, such as ``("--d", "-d")``.
    least : int, optional
        Smallest value taken.
    """

    name: str
    help: str
    flags: tuple[str, ...] = ()
    least: int | None = None


@dataclass(frozen=True)
class Probe:
    """An entry of the registry.

    Parameters
    ----------
    name : str
        The command, and the anchor of its section in the report.
    title : str
        Headline of its section.
    ask : callable
        Takes what is named in `needs` as keywords, the options, and where it has them
        ``seed`` and ``progress``; returns a `Result`.
    needs : tuple of str
        What it is asked of: "embeddings", "modes" (a spectrum, or embeddings on their principal
        axes), "relations", or what few probes need: "others" (more modes to compare with),
        "counted" (counts or a corpus), "documents" (texts by document), "followed" (embeddings
        over time), "dims" (numbers of leading columns), "states" (labelled hidden states),
        "layered" (concepts at the layers of a language model), "spaces" (places of a model in
        which words have vectors), "counts" (of a corpus), "checkpoints" (of a language model, with
        "steps" and "text_counts"). `repsearch.cli.given` reads them.
    help : str
        What the command says of itself: a sentence, then what a user should know.
    options : tuple of Option
        In the order in which the command lists them.
    in_report : bool
        Whether ``repsearch run`` asks it, with its defaults, and reports what it found.
        Only where it needs nothing but embeddings, modes and relations.
    how_to_read : str
        What a reader of its section in the report needs to know of the numbers.

    Raises
    ------
    ValueError
        An option, or something needed, is no parameter of `ask`.
    """

    name: str
    title: str
    ask: Callable[..., Result]
    needs: tuple[str, ...]
    help: str
    options: tuple[Option, ...] = ()
    in_report: bool = False
    how_to_read: str = ""

    def __post_init__(self) -> None:
        takes = inspect.signature(self.ask).parameters
        for name in (*self.needs, *(option.name for option in self.options)):
            if name not in takes:
                raise ValueError(
                    f"the entry of the probe {self.name!r} names {name!r}, which is no parameter "
                    f"of {self.ask.__name__} ({', '.join(takes)})"
                )


def asked(
    probe: Probe, have: Mapping[str, Any], *, seed: int, progress: Progress, **options: Any
) -> Result:
    """Ask a probe.

    Parameters
    ----------
    probe : Probe
        An entry of the registry.
    have : mapping
        At least what the probe needs, by name.
    seed : int
        Of all that is drawn, where the probe draws.
    progress : Progress
        Told how far it is, where the probe tells.
    **options
        Of the probe; its defaults where they are left out.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        What the probe raises.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.progress import silent
    >>> isotropy = next(probe for probe in PROBES if probe.name == "isotropy")
    >>> world = BinaryAttributes([0.3, 0.2, 0.1, 0.1])
    >>> have = {"embeddings": world.spectrum().embeddings(4)}
    >>> asked(isotropy, have, seed=0, progress=silent, resamples=100).name
    'isotropy'
    """
    takes = inspect.signature(probe.ask).parameters
    passed = {
        name: value for name, value in (("seed", seed), ("progress", progress)) if name in takes
    }
    return probe.ask(**{need: have[need] for need in probe.needs}, **options, **passed)


_CONTROLS = (
    "Families of random pairs of the same frequencies, for each. 300, or more where many "
    "relations need them."
)

PROBES: tuple[Probe, ...] = (
    Probe(
        name="concepts",
        title="Relations as directions",
        ask=probe_concepts,
        needs=("embeddings", "relations"),
        help="Look for the direction of each relation, and for the angles between them.\n\n"
        "A relation is called a direction where pairs held out are ordered by the others' "
        "direction better than chance (p < 0.05 after Holm's adjustment).",
        options=(
            Option(
                "permutations",
                "Draws of the null: the order within pairs means nothing. 999, or more where many "
                "relations need them.",
            ),
            Option("controls", _CONTROLS, least=0),
        ),
    ),
    Probe(
        name="snr",
        title="Signal against noise",
        ask=snr_curves,
        needs=("embeddings", "relations"),
        help="Measure how much of each relation's differences is common, column by column.\n\n"
        "The share of the common direction in a squared difference is SNR / (1 + SNR): 1 for "
        "perfect analogies, about 0 without a relation, whatever the number of pairs.",
        options=(
            Option(
                "accuracy",
                "Score analogies at each number of columns as well; minutes with many words.",
            ),
        ),
    ),
    Probe(
        name="isotropy",
        title="Isotropy",
        ask=isotropy,
        needs=("embeddings",),
        help="Measure how evenly the vectors of words point in all directions.\n\n"
        "Vectors that share a direction have large cosines whatever their words mean; the "
        "effective number of directions is d where all are taken alike.",
        options=(
            Option("words", "How many of the most frequent words are looked at.", least=10),
            Option("resamples", "Bootstrap resamples of the words.", least=100),
        ),
        in_report=True,
        how_to_read="A mean cosine above 0 is a direction that all words share; such embeddings "
        "give large cosines whatever the words mean. The effective number of directions is one "
        "over the mean squared cosine of two words.",
    ),
    Probe(
        name="emergence",
        title="When analogies emerge",
        ask=emergence_study,
        needs=("followed", "relations", "dims"),
        help="Follow analogies over training time and dimension: answers, ranks, margins, "
        "directions.\n\nOf a run or a closed form, also says when each relation becomes a "
        "direction, and when the modes are learned that the direction lives on.",
    ),
    Probe(
        name="spiked",
        title="Relations as spikes",
        ask=spiked_families,
        needs=("embeddings", "relations"),
        help="Fit a common direction plus noise to each relation: spikes, strength, dimension, "
        "fit.\n\nSays where the model does not fit. How far its numbers can be trusted is in "
        "docs/calibration.md.",
        options=(
            Option("d", "Only the first columns; all by default.", ("--d", "-d"), least=2),
            Option("controls", _CONTROLS, least=0),
        ),
    ),
    Probe(
        name="topics",
        title="Topics",
        ask=topic_study,
        needs=("modes", "others", "counted", "documents"),
        help="Show what each eigenvector is about: the words at both of its ends, and a label for "
        "each.\n\nSays which topics are coherent above chance, with --against which modes are "
        "found again elsewhere, with --graph and --merge which topics share words, with "
        "--search which topics words belong to, and with --documents which topic each document "
        "has, which documents are typical, and with --by how that differs by a field such as the "
        "year. Embeddings are turned to their principal axes first.",
        options=(
            Option("k", "How many modes; ten, or all there are.", ("--modes",), least=1),
            Option("words", "Words at each end; ten by default, or half of a small vocabulary."),
            Option("frequent", "Look only at so many of the most frequent words."),
            Option(
                "normalise",
                "Order by entries, or by cosine with the mode (the paper's figure 3).",
            ),
            Option("measure", "NPMI; or C_v and U_mass, which need --corpus."),
            Option("graph", "Look for communities of topics that share words."),
            Option("merge", "Merge topics that share more words than chance has it, as trees."),
            Option("search", "A word whose topics are looked for; can be given more than once."),
        ),
    ),
    Probe(
        name="causal",
        title="The causal inner product",
        ask=causal_geometry,
        needs=("embeddings", "relations"),
        help="Compare concepts under the plain and the causal inner product, x' Cov^-1 y.\n\n"
        "Cov is the covariance of all words, of a language model those of its unembedding (Park, "
        "Choe and Veitch 2023). Pairs are read from a file, or from a folder of files with two "
        "words a line.",
        options=(
            Option(
                "shrinkage",
                "Of Cov towards equal variances, from 0 to 1; 0 where there are ten words a "
                "dimension, else as Ledoit and Wolf estimate it.",
            ),
        ),
    ),
    Probe(
        name="layers",
        title="Concepts over layers",
        ask=layer_curves,
        needs=("layered",),
        help="Find at which layer of a language model a concept is a direction.\n\n"
        "Asked are relations of word states, or the concepts of prompt states; no word, text or "
        "template is on both sides of a split. p-values are corrected for all layers and concepts.",
        options=(
            Option("estimator", "What makes the direction; the first is by far the fastest."),
            Option(
                "permutations",
                "Shuffles of the labels; 999 or 299 (slow estimators), more for many concepts.",
            ),
            Option(
                "controls",
                "Families of random pairs of the same frequencies; 300, or 50 for slow estimators.",
                least=0,
            ),
        ),
    ),
    Probe(
        name="learning",
        title="Concepts over training",
        ask=learning_curves,
        needs=("checkpoints", "relations", "steps", "text_counts"),
        help="Find after how many training steps of a language model relations become directions."
        "\n\nThe source is a folder of checkpoints (docs/language-models.md). p-values are "
        "corrected for all checkpoints and relations; a time that is known from one side only is "
        "said to be so.",
        options=(
            Option(
                "permutations", "Shuffles of the labels; 999, or more where many relations need it."
            ),
            Option("controls", _CONTROLS, least=0),
        ),
    ),
    Probe(
        name="states",
        title="What hidden states hold",
        ask=probe_labelled_states,
        needs=("states",),
        help="Look for labels or numbers in hidden states, on groups never seen, by layer.\n\n"
        "Rows of one group (a word, the template of a sentence) are never on both sides of a "
        "split. Two labels are looked for as a direction, more are told apart, targets are "
        "predicted by ridge regression; penalties are chosen on the training folds alone. 'pairs' "
        "numbers contrast pairs, of one row with each of two labels.",
        options=(
            Option(
                "estimator",
                "Two labels: what makes the direction, mean-difference by default. More: ridge, "
                "one against rest, by default, or logistic, which is multinomial and slow.",
            ),
            Option("folds", "Folds of the cross-validation over groups."),
            Option(
                "permutations", "Shuffles of the labels; 999 by default, 49 of slow estimators."
            ),
            Option("controls", "Control tasks: labels passed between groups; 50 by default."),
        ),
    ),
    Probe(
        name="theory",
        title="M* beside a model",
        ask=theory_beside,
        needs=("spaces", "counts", "relations"),
        help="Set M* of a corpus beside a model's layers: subspaces, modes, concepts.\n\n"
        "How much of the leading subspaces is common, which modes of M* are present in which "
        "layer, and whether a concept that is clean in M* is clean in the model; each against "
        "words of the same frequencies.",
        options=(
            Option("modes", "How many leading modes of M*.", least=1),
            Option("permutations", "Permutations of the words within bins of frequency."),
            Option("controls", "Families of random pairs of the same frequencies.", least=0),
        ),
    ),
)
