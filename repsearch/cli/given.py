"""Read from files and options what probes are asked of: embeddings, modes, relations and so on."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from repsearch.cli import options
from repsearch.cli.answer import tell_notes
from repsearch.cli.opened import (
    COUNTS,
    FORMAT,
    UNDECODABLE,
    WORD_LIST,
    Format,
    counts_of,
    spectrum_of,
    vectors_of,
)
from repsearch.embeddings.formats.contents import Undecodable
from repsearch.errors import InputError
from repsearch.progress import Progress, silent

if TYPE_CHECKING:
    from probes import Relations
    from probes.emergence import Followed
    from probes.hidden_states import LabelledStates
    from probes.layers import Layered
    from probes.model_theory import WordSpaces
    from probes.topics.documents import Documents
    from repsearch import Corpus, Counts, Embeddings, Spectrum
    from repsearch.language_models import Checkpoints

SOURCE = (
    "Embeddings (word2vec text or binary, GloVe, safetensors, npz, npy, CSV, TSV), a spectrum, "
    "the folder of 'repsearch train', that of a Hugging Face model, or one of its checkpoints."
)
_OF_FILES = {"format": FORMAT, "word_list": WORD_LIST, "undecodable": UNDECODABLE}
_SHORT = (
    ("format", "format of a file of embeddings."),
    ("word_list", "words of vectors that are kept without them."),
    ("undecodable", "bytes of words that are no UTF-8."),
)
TIME = (
    "Flow time of a run's snapshot or step of a checkpoint, the nearest one is taken, or layer of "
    "a model's states; the last by default."
)


@dataclass(frozen=True)
class Reader:
    """How something that probes need is read.

    Parameters
    ----------
    read : callable
        Takes the options, whose types and defaults are those of its signature; one without
        a default is an argument of the command. May take ``seed`` and ``progress``.
    help : dict of str to str
        A sentence for each of its parameters.
    """

    read: Callable[..., Any]
    help: dict[str, str]


def embeddings_of(
    source: Path,
    time: float | None = None,
    format: Format | None = None,
    word_list: Path | None = None,
    undecodable: Undecodable = "strict",
) -> Embeddings:
    """Open what a probe is given as embeddings.

    Parameters
    ----------
    source : Path
        A file of embeddings or a spectrum, a run's folder, a model's folder.
    time : float, optional
        Flow time of a run's snapshot, the nearest one, or layer of word states; the last
        by default.
    format, word_list, undecodable
        Of a file of embeddings, as for `vectors_of`.

    Returns
    -------
    Embeddings

    Raises
    ------
    InputError
        No such file, or a time for what has none.
    """
    from repsearch import Spectrum
    from repsearch.embeddings.huggingface import huggingface_embeddings, is_model_folder
    from repsearch.language_models.checkpoints import Checkpoints
    from repsearch.language_models.layers import Layers

    if not source.exists():
        raise InputError(f"{source} does not exist; pass embeddings, a spectrum or a folder")
    of_file = format is not None or word_list is not None or undecodable != "strict"
    if source.is_dir():
        _refuse_of_file(source, "a folder", of_file=of_file)
    if is_model_folder(source):
        if time is not None:
            raise InputError(f"--time is for a run, and {source} is a model's folder; drop it")
        return huggingface_embeddings(source)
    if Layers.is_at(source):
        layers = Layers.open(source)
        return layers.embeddings(layers.numbers[-1] if time is None else time)
    if Checkpoints.is_at(source):
        checkpoints = _checkpoints_of(source)
        step = checkpoints.nearest(time)
        if time is not None and step != time:
            tell_notes([f"the checkpoint nearest to --time {time:g} is that of step {step:,}"])
        return checkpoints.embeddings(step)
    if source.is_dir():
        import numpy as np

        from repsearch.training import TrainedTrajectory

        run = TrainedTrajectory(source)
        times = run.snapshot_times
        if not len(times):
            raise InputError(f"{source} has no snapshot yet; train on, or probe a file")
        nearest = times[-1] if time is None else times[np.argmin(np.abs(times - time))]
        if time is not None and not np.isclose(nearest, time, rtol=1e-9):
            tell_notes([f"the snapshot nearest to --time {time:g} is that at {nearest:.6g}"])
        return run.embeddings(float(nearest))
    if time is not None:
        raise InputError(f"--time is for a run, and {source} is a file; drop it")
    if not of_file and Spectrum.is_at(source):
        return spectrum_of(source).embeddings()
    return vectors_of(source, format, word_list, undecodable)


def modes_of(
    source: Path,
    time: float | None = None,
    format: Format | None = None,
    word_list: Path | None = None,
    undecodable: Undecodable = "strict",
) -> Spectrum | Embeddings:
    """Open a spectrum, or embeddings on their principal axes.

    Parameters
    ----------
    source, time, format, word_list, undecodable
        As for `embeddings_of`.

    Returns
    -------
    Spectrum or Embeddings

    Raises
    ------
    InputError
        No such file, or a time for what has none.
    """
    from probes.concepts import on_principal_axes
    from repsearch import Spectrum

    of_file = format is not None or word_list is not None or undecodable != "strict"
    if time is None and not of_file and Spectrum.is_at(source):
        return spectrum_of(source)
    return on_principal_axes(embeddings_of(source, time, format, word_list, undecodable))


def others_of(
    against: list[Path] | None = None,
    against_format: Format | None = None,
    against_word_list: Path | None = None,
    against_undecodable: Undecodable = "strict",
) -> list[Spectrum | Embeddings]:
    """Open the bases that modes are compared with.

    Parameters
    ----------
    against : list of Path, optional
        Files of spectra or embeddings; none by default.
    against_format, against_word_list, against_undecodable
        Of those that are files of embeddings, as for `vectors_of`.

    Returns
    -------
    list of Spectrum or Embeddings
        Embeddings on their principal axes.

    Raises
    ------
    InputError
        No such file, or options for files of embeddings where there are none.
    """
    from repsearch import Spectrum

    of_file = (against_format, against_word_list, against_undecodable)
    plain = [path for path in against or () if path.is_file() and not Spectrum.is_at(path)]
    if of_file != (None, None, "strict") and not plain:
        raise InputError(
            "--against-format, --against-word-list and --against-undecodable are for files of "
            "embeddings, and --against names none; drop them"
        )
    try:
        return [modes_of(path, None, *(of_file if path in plain else ())) for path in against or ()]
    except InputError as error:
        said = re.sub(r"\b(?=(?:format|word_list|undecodable)=)", "against_", str(error))
        raise InputError(said) from error


def counted_of(
    source: Path, counts: Path | None = None, corpus: Path | None = None
) -> Counts | Corpus | None:
    """Open what words are counted in.

    Parameters
    ----------
    source : Path
        What the words are of; counts in its folder that have the words of a spectrum, or
        those that a run was trained on, are taken where no others are named.
    counts : Path, optional
        A file of counts.
    corpus : Path, optional
        The folder of an encoded corpus.

    Returns
    -------
    Counts, Corpus or None
        None where neither was given nor found.

    Raises
    ------
    InputError
        No such file, or both were given.
    """
    from repsearch import Corpus

    if corpus is not None and counts is not None:
        raise InputError("--counts and --corpus measure differently; give one of them")
    if corpus is not None:
        return Corpus.open(corpus)
    return _counts_for(source) if counts is None else counts_of(counts)


def documents_of(
    documents: list[Path] | None = None,
    field: str | None = None,
    by: str | None = None,
    document: Literal["line", "paragraph", "file"] | None = None,
    tokenizer: Literal["latin", "unicode", "turkish", "split"] | None = None,
    *,
    progress: Progress = silent,
) -> Documents | None:
    """Count the words of documents, of a text or an encoded corpus.

    Parameters
    ----------
    documents : list of Path, optional
        Files or folders of text, or the folder of an encoded corpus; none by default.
    field : str, optional
        Field of JSON that holds the text.
    by : str, optional
        Field of JSON by which documents are told apart.
    document : {"line", "paragraph", "file"}, optional
        What a document of plain text is; a line by default.
    tokenizer : {"latin", "unicode", "turkish", "split"}, optional
        What splits it into words; ``latin`` by default.
    progress : Progress
        Told how much is read.

    Returns
    -------
    Documents or None
        None where there are none.

    Raises
    ------
    InputError
        No such files, or options for a text where there is none.
    """
    from probes.topics.documents import Documents
    from repsearch import Corpus
    from repsearch.corpus.folder import MANIFEST
    from repsearch.text.files import TextFiles

    chosen = {"--field": field, "--by": by, "--document": document, "--tokenizer": tokenizer}
    given = [name for name, value in chosen.items() if value is not None]
    if not documents:
        if given:
            raise InputError(f"{given[0]} is for the text of --documents, which is missing; add it")
        return None
    if len(documents) == 1 and (documents[0] / MANIFEST).is_file():
        if given:
            raise InputError(
                f"{given[0]} is for text, and {documents[0]} is an encoded corpus, which keeps "
                "words and nothing else; give the text itself, or leave the option out"
            )
        return Documents.of_corpus(Corpus.open(documents[0]))
    if by is not None and field is None:
        raise InputError("--by takes a field of JSON; name the one with the text too, --field text")
    source = TextFiles(tuple(documents), document or "line", field)
    found = Documents.read(source, by=by, tokenizer=tokenizer or "latin", progress=progress)
    tell_notes(found.notes)
    return found


def _counts_for(source: Path) -> Counts | None:
    """Counts that belong to a spectrum or a run, where there is no doubt which."""
    from probes.studies.runs import counts_beside, counts_of_run
    from repsearch import Spectrum
    from repsearch.cli.finish import tell_notes
    from repsearch.embeddings.huggingface import is_model_folder
    from repsearch.language_models.checkpoints import Checkpoints
    from repsearch.language_models.layers import Layers

    if Layers.is_at(source) or Checkpoints.is_at(source):
        return None
    if source.is_dir() and not is_model_folder(source):
        from repsearch.training import TrainedTrajectory

        return counts_of_run(TrainedTrajectory(source))
    if not Spectrum.is_at(source):
        return None
    found = counts_beside(source, Spectrum.open(source).words)
    if len(found) > 1:
        names = " and ".join(str(one.file.name) for one in found if one.file)
        tell_notes([f"{names} beside {source.name} have its words; --counts says which are its"])
    return found[0] if len(found) == 1 else None


def spaces_of(sources: list[Path]) -> WordSpaces:
    """Open every place in which words have vectors.

    Parameters
    ----------
    sources : list of Path
        Folders of states, whose layers are all taken; models, whose matrices are; and whatever
        else `embeddings_of` opens.

    Returns
    -------
    WordSpaces
        With the name of the source before each, where there are several.

    Raises
    ------
    InputError
        No such file, or the same one twice.
    """
    from probes.model_theory import WordSpaces
    from repsearch.embeddings.gguf_file import gguf_matrices
    from repsearch.embeddings.huggingface import is_model_folder
    from repsearch.language_models.layers import Layers

    if len({path.resolve() for path in sources}) < len(sources):
        raise InputError("a source is named twice; leave one out")
    found: dict[str, Any] = {}
    for path in sources:
        prefix = f"{path.name} " if len(sources) > 1 else ""
        if Layers.is_at(path):
            made = WordSpaces.of_layers(Layers.open(path), prefix)
        elif path.suffix == ".gguf":
            matrices = gguf_matrices(path)
            made = WordSpaces.of({f"{prefix}{role}": one for role, one in matrices.items()})
        else:
            one = embeddings_of(path)
            made = WordSpaces.of({one.name if is_model_folder(path) else path.name: one})
        taken = [name for name in made.spaces if name in found]
        if taken:
            raise InputError(f"two sources have the name {taken[0]!r}; rename one of them")
        found |= made.spaces
    return WordSpaces(found)


def theory_counts_of(counts: Path | None = None) -> Counts:
    """Open counts, or the carried ones.

    Parameters
    ----------
    counts : Path, optional
        A file of counts.

    Returns
    -------
    Counts

    Raises
    ------
    InputError
        No such file.
    """
    return counts_of(counts)


def relations_of(
    relations: Path | None = None,
    families: str | None = None,
    keep_case: bool = False,  # noqa: FBT001 - a flag of the command line
) -> Relations:
    """Open the relations asked for.

    Parameters
    ----------
    relations : Path, optional
        A file of relations or a BATS folder; Google's by default.
    families : str, optional
        Names joined by commas, as files have them or as tables and figures do; all by default.
    keep_case : bool, default False
        Whether words are looked up with their capitals only.

    Returns
    -------
    Relations

    Raises
    ------
    InputError
        No such file or family, or a damaged file.
    """
    import probes
    from probes.drawing.labels import family_label

    if relations is None:
        found = probes.google_relations(keep_case=keep_case)
    else:
        found = probes.read_relations(relations, keep_case=keep_case)
    if families is None:
        return found
    names = {family_label(name): name for name in found.families}
    asked = (name.strip() for name in families.split(","))
    return found.select(names.get(name, name) for name in asked)


def followed_of(
    source: Path,
    times: str | None = None,
    counts: Path | None = None,
    spectrum: Path | None = None,
    init: float | None = None,
    layer: int | None = None,
    format: Format | None = None,
    word_list: Path | None = None,
    undecodable: Undecodable = "strict",
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Followed:
    """Open embeddings, a run or a closed form, with the theory that belongs to it.

    Parameters
    ----------
    source : Path
        A file of embeddings or a spectrum, a run's folder, a model's folder.
    times : str, optional
        Flow times of a run or a closed form, as `repsearch.cli.options.times_of` reads them.
    counts, spectrum : Path, optional
        What gives the closed form of a run: its counts, or their spectrum.
    init : float, optional
        Size of W(0), with which a spectrum is followed over time.
    layer : int, optional
        Of checkpoints whose states were taken, the layer; the last by default.
    format, word_list, undecodable
        Of a file of embeddings, as for `vectors_of`.
    seed : int, default 0
        Seed of W(0).
    progress : Progress, optional
        Told how far eigenpairs are.

    Returns
    -------
    Followed
        With times, unless embeddings are all there is.

    Raises
    ------
    InputError
        No such file, or options that are for another kind of source.
    """
    from probes.emergence import Followed, followed_closed_form
    from repsearch import Spectrum
    from repsearch.embeddings.huggingface import is_model_folder
    from repsearch.language_models.checkpoints import Checkpoints
    from repsearch.language_models.layers import Layers

    if counts is not None and spectrum is not None:
        raise InputError("--counts and --spectrum both give the closed form; give one of them")
    of_file = format is not None or word_list is not None or undecodable != "strict"
    if source.is_dir():
        _refuse_of_file(source, "a folder", of_file=of_file)
    if layer is not None and not Checkpoints.is_at(source):
        raise InputError(f"--layer is for checkpoints of states, which {source} is not; drop it")
    if Layers.is_at(source):
        if (counts, spectrum, init) != (None, None, None):
            raise InputError(
                f"--counts, --spectrum and --init are for word2vec, and {source} holds states of a "
                "language model; drop them"
            )
        layers = Layers.open(source)
        at = layers.numbers if times is None else options.times_of(times)
        return Followed(layers, tuple(float(layer) for layer in at))
    if Checkpoints.is_at(source):
        if (counts, spectrum, init) != (None, None, None):
            raise InputError(
                f"--counts, --spectrum and --init are for word2vec, and {source} holds checkpoints "
                "of a language model; drop them, and see 'repsearch probe learning' for --counts"
            )
        return _followed_checkpoints(source, layer, times)
    if source.is_dir() and not is_model_folder(source):
        if init is not None:
            raise InputError(f"--init is for a spectrum, and {source} is a run; drop it")
        return _followed_run(source, times, counts, spectrum, progress)
    if counts is not None or spectrum is not None:
        raise InputError(f"--counts and --spectrum are for a run, which {source} is not; drop them")
    if init is not None:
        if not Spectrum.is_at(source):
            raise InputError(f"--init is for a spectrum, which {source} is not; drop it")
        _refuse_of_file(source, "a spectrum", of_file=of_file)
        return followed_closed_form(
            spectrum_of(source),
            scale=options.size_of_start(init),
            seed=seed,
            times=None if times is None else options.times_of(times),
        )
    if times is not None:
        raise InputError(
            f"--times is for a run, or a spectrum with --init, and {source} has no time; drop it"
        )
    if not of_file and Spectrum.is_at(source):
        opened = spectrum_of(source)
        # Of a target with fewer positive eigenvalues than the file has, all that can be embedded.
        return Followed(opened.embeddings(max(1, opened.n_positive)))
    return Followed(embeddings_of(source, None, format, word_list, undecodable))


def _checkpoints_of(source: Path, layer: int | None = None) -> Checkpoints:
    """Open checkpoints, and say which folders beside them are none."""
    from repsearch.language_models.checkpoints import Checkpoints

    found = Checkpoints.open(source, layer=layer)
    if found.left_out:
        tell_notes([f"no model and no states, left out: {', '.join(found.left_out)}"])
    return found


def _followed_checkpoints(source: Path, layer: int | None, times: str | None) -> Followed:
    from probes.emergence import Followed

    found = _checkpoints_of(source, layer)
    return Followed(found, tuple(map(float, _steps_of(found, times, "--times"))))


def _steps_of(checkpoints: Checkpoints, asked: str | None, option: str) -> list[int]:
    """Steps of the checkpoints that are nearest to those asked for; all by default."""
    if asked is None:
        return list(checkpoints.steps)
    wanted = options.times_of(asked)
    steps = list(dict.fromkeys(checkpoints.nearest(step) for step in wanted))
    if steps != list(wanted):
        tell_notes([f"checkpoints nearest to {option}: steps {', '.join(map(str, steps))}"])
    return steps


def _refuse_of_file(source: Path, what: str, *, of_file: bool) -> None:
    """Refuse options for files of embeddings of what is none."""
    if of_file:
        raise InputError(
            "--format, --word-list and --undecodable are for a file of embeddings, and "
            f"{source} is {what}; drop them"
        )


def dims_of(dims: str | None = None) -> tuple[int, ...] | None:
    """Read numbers of columns such as ``4,16,64``.

    Parameters
    ----------
    dims : str, optional
        Whole numbers joined by commas; None for the probe's own choice.

    Returns
    -------
    tuple of int or None
        Increasing.

    Raises
    ------
    InputError
        They are no numbers, or do not increase.
    """
    return None if dims is None else _increasing(dims, "--dims", "4,16,64")


def _increasing(given: str, option: str, such: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in given.split(","))
    except ValueError:
        found = ()
    if not found or any(later <= earlier for earlier, later in pairwise(found)):
        raise InputError(f"{option} is {given!r}; write increasing whole numbers such as {such}")
    return found


def _followed_run(
    folder: Path,
    times: str | None,
    counts: Path | None,
    spectrum: Path | None,
    progress: Progress,
) -> Followed:
    from probes.emergence import followed_run, theory_of_counts, theory_of_run
    from probes.studies.runs import counts_of_run
    from repsearch.training import TrainedTrajectory

    run = TrainedTrajectory(folder)
    at = None if times is None else options.times_of(times)
    theory, lacking = None, ""
    if spectrum is not None:
        theory = theory_of_run(run, spectrum_of(spectrum))
    elif counts is not None:
        theory = theory_of_counts(run, counts_of(counts), progress=progress)
    elif not run.settings.tied:
        lacking = "No closed form stands beside it: the run has untied weights."
    elif (found := counts_of_run(run)) is not None:
        theory = theory_of_counts(run, found, progress=progress)
    else:
        lacking = _without_counts(run.settings.counts_file)
    return replace(followed_run(run, times=at, theory=theory), lacking=lacking)


def _without_counts(lay: str) -> str:
    """Say what the closed form of a run's counts would add, where these are not found."""
    where = f"not at {lay} any more, nor" if lay else "not"
    return (
        f"No closed form stands beside it, for the counts it was trained on are {where} in or "
        "beside its folder; --counts FILE adds when the modes of each relation are learned, when "
        "theory has it grow, and what was measured less what was predicted."
    )


def layered_of(
    source: Path,
    layers: str | None = None,
    relations: Path | None = None,
    families: str | None = None,
    keep_case: bool = False,  # noqa: FBT001 - a flag of the command line
) -> Layered:
    """Open the states of a language model, with what is asked of their layers.

    Parameters
    ----------
    source : Path
        Folder that ``repsearch states`` has written, of words or of prompts.
    layers : str, optional
        Whole numbers joined by commas; all by default.
    relations, families, keep_case
        Relations between words, as for `relations_of`; of prompts `families` are the concepts.

    Returns
    -------
    Layered

    Raises
    ------
    InputError
        No such folder, layer, family or concept; relations for states of prompts.
    """
    from probes.layers import prompt_concepts, word_concepts
    from repsearch.language_models import Layers, PromptLayers

    numbers = None if layers is None else _whole_numbers(layers)
    if not PromptLayers.is_at(source):
        return word_concepts(
            Layers.open(source), relations_of(relations, families, keep_case), numbers
        )
    if relations is not None or keep_case:
        raise InputError(
            f"--relations and --keep-case are for states of words, and {source} holds states of "
            "prompts; drop them"
        )
    names = None if families is None else [name.strip() for name in families.split(",")]
    return prompt_concepts(PromptLayers.open(source), numbers, names)


def checkpoints_of(source: Path, layer: int | None = None) -> Checkpoints:
    """Open the checkpoints of a language model.

    Parameters
    ----------
    source : Path
        Folder of folders named after their step.
    layer : int, optional
        Of checkpoints whose states were taken, the layer; the last by default.

    Returns
    -------
    Checkpoints

    Raises
    ------
    InputError
        No checkpoints, two of one step, or a layer of models.
    """
    return _checkpoints_of(source, layer)


def steps_of(steps: str | None = None) -> tuple[int, ...] | None:
    """Read training steps such as ``0,512,4096``.

    Parameters
    ----------
    steps : str, optional
        Whole numbers joined by commas; None for all.

    Returns
    -------
    tuple of int or None
        Increasing.

    Raises
    ------
    InputError
        They are no numbers, or do not increase.
    """
    return None if steps is None else _increasing(steps, "--steps", "0,512,4096")


def text_counts_of(counts: Path | None = None) -> Counts | None:
    """Open the counts of the text that a model was trained on.

    Parameters
    ----------
    counts : Path, optional
        A file of counts; none by default.

    Returns
    -------
    Counts or None

    Raises
    ------
    InputError
        No such file.
    """
    return None if counts is None else counts_of(counts)


def _whole_numbers(layers: str) -> list[int]:
    try:
        return [int(part) for part in layers.split(",")]
    except ValueError:
        raise InputError(
            f"--layers is {layers!r}; write whole numbers joined by commas, such as 0,3,6"
        ) from None


_ARRAYS = ("states", "labels", "targets", "groups", "pairs", "layers")


def states_of(file: Path) -> LabelledStates:
    """Read hidden states with their labels, without pickle.

    Parameters
    ----------
    file : Path
        An npz file with the arrays ``states`` and ``labels`` or ``targets``, and perhaps
        ``groups``, ``pairs``, ``layers``.

    Returns
    -------
    LabelledStates

    Raises
    ------
    InputError
        It is no such file, is damaged, holds Python objects, or lacks states or labels.
    """
    from numpy.lib.format import MAGIC_PREFIX

    from probes.hidden_states import LabelledStates
    from repsearch.embeddings.formats.streams import reading
    from repsearch.storage.archive import names_of, read_arrays

    with reading(file) as stream:
        begins = stream.read(len(MAGIC_PREFIX))
        stream.seek(0)
        if begins == MAGIC_PREFIX:
            raise InputError(
                f"cannot read {file}: it holds a single array; save it with "
                "numpy.savez(file, states=..., labels=...)"
            )
        arrays = read_arrays(stream, _ARRAYS, file, "copy or make it anew")
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            names = ", ".join(names_of(archive))
    for name in ("states", "labels"):
        if name not in arrays and (name, "targets" in arrays) != ("labels", True):
            raise InputError(
                f"{file} lacks the array {name!r} (it has {names or 'none'}); save it with "
                "numpy.savez(file, states=..., labels=...), or targets=... for numbers"
            )
    if "labels" in arrays and "targets" in arrays:
        raise InputError(f"{file} has both 'labels' and 'targets'; save one of them")
    return LabelledStates(
        arrays["states"],
        arrays["targets" if "targets" in arrays else "labels"],
        arrays.get("groups"),
        arrays.get("pairs"),
        continuous="targets" in arrays,
        layers=arrays.get("layers"),
    )


READERS: dict[str, Reader] = {
    "embeddings": Reader(embeddings_of, {"source": SOURCE, "time": TIME, **_OF_FILES}),
    "modes": Reader(modes_of, {"source": SOURCE, "time": TIME, **_OF_FILES}),
    "others": Reader(
        others_of,
        {
            "against": "Spectrum or embeddings of another text, half or seed, to see which modes "
            "are stable; can be given more than once.",
            **{f"against_{name}": f"Of --against: {text}" for name, text in _SHORT},
        },
    ),
    "counted": Reader(
        counted_of,
        {
            "source": SOURCE,
            "counts": "Counts file in which coherence is measured, and whose frequencies documents "
            "are held against; by default the one beside the spectrum that has its words, or the "
            "carried counts, where these have them.",
            "corpus": "Encoded corpus ('count --corpus') instead of counts: for C_v and U_mass.",
        },
    ),
    "documents": Reader(
        documents_of,
        {
            "documents": "Text whose documents' topics are told, or the folder of an encoded "
            "corpus; files or folders, can be given more than once.",
            "field": "Of --documents: field of JSON with the text.",
            "by": "Of --documents: field of JSON by which topics are compared, such as a year.",
            "document": "Of --documents: what a document of plain text is; a line by default.",
            "tokenizer": "Of --documents: what splits it into words, as for 'count'; latin by "
            "default.",
        },
    ),
    "spaces": Reader(
        spaces_of,
        {
            "sources": "A folder of 'repsearch states', of which every layer is taken; a model's "
            "folder or GGUF file, of which its matrices of words are; embeddings. May be several."
        },
    ),
    "counts": Reader(theory_counts_of, {"counts": COUNTS}),
    "relations": Reader(
        relations_of,
        {
            "relations": "Word pairs by family: TSV, CSV, JSON, ':' sections, or a folder such as "
            "BATS; Google's by default.",
            "families": "Only these families, joined by commas.",
            "keep_case": "Look words up as written only, not in other spellings.",
        },
    ),
    "followed": Reader(
        followed_of,
        {
            "source": SOURCE,
            "times": "Flow times, T1,T2,... or first:last:number; of a run the nearest snapshots "
            "are taken, all by default.",
            "counts": "Counts that a run was trained on, for the closed form beside it; found by "
            "themselves where they lay, or beside the run.",
            "spectrum": "The same from a spectrum file; what of the start lies outside is left "
            "out.",
            "init": "Size of W(0): follow the closed form of a spectrum from there.",
            "layer": "Of checkpoints whose states were taken: which layer; the last by default.",
            **_OF_FILES,
        },
    ),
    "dims": Reader(dims_of, {"dims": "Numbers of leading columns, D1,D2,..."}),
    "layered": Reader(
        layered_of,
        {
            "source": "Folder of 'repsearch states': states of words, or of prompts.",
            "layers": "Only these layers, L1,L2,...; all by default.",
            "relations": "Of words, pairs by family: TSV, CSV, JSON, ':' sections, or a folder; "
            "Google's by default.",
            "families": "Only these families, or concepts of prompts, joined by commas.",
            "keep_case": "Look words up as written only, not in other spellings.",
        },
    ),
    "checkpoints": Reader(
        checkpoints_of,
        {
            "source": "Folder with a folder for each checkpoint, named after its step (step-512): "
            "models in the Hugging Face layout, or their states.",
            "layer": "Of checkpoints whose states were taken: which layer; the last by default.",
        },
    ),
    "steps": Reader(steps_of, {"steps": "Only the checkpoints of these steps, S1,S2,..."}),
    "text_counts": Reader(
        text_counts_of,
        {"counts": "Counts of the text that the model was trained on: adds the order of learning."},
    ),
    "states": Reader(
        states_of,
        {
            "file": "An .npz file: states (n, d), or (layers, n, d); labels (n,), or targets (n,) "
            "for numbers; and, where there are such, groups (n,), pairs (n,) and layers."
        },
    ),
}
"""By the name under which a probe's entry asks for it (`probes.registry.Probe.needs`)."""
