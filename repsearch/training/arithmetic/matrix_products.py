"""Multiply matrices in a chosen precision, on threads that do not change a bit.

Torch adds up in another order on another number of threads. So work is divided into
tasks that do not depend on that number, each task runs on one thread with torch
confined to it, and what tasks give is added up in the tasks' order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TYPE_CHECKING, TypeVar

from repsearch.errors import InputError
from repsearch.training.compute import Compute, Products

if TYPE_CHECKING:
    from torch import Tensor

Item = TypeVar("Item")
Result = TypeVar("Result")

_ALIGNMENT = 64  # bytes; torch gives its own memory so, and BLAS rounds in the way this allows
_PATIENCE = 60.0  # seconds for threads to start, after which a failure to start is an error


class Workers:
    """Run tasks, on the CPU one a thread, on a CUDA device one after another.

    Parameters
    ----------
    compute : Compute
        Its device and number of threads.
    """

    def __init__(self, compute: Compute) -> None:
        self._pool: ThreadPoolExecutor | None = None
        if compute.torch_device.type == "cpu":
            self._pool = _single_threads(compute.n_threads)

    def map(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Call a task for each item.

        Parameters
        ----------
        task : callable
            From an item to its result.
        items : iterable
            What it is called with.

        Returns
        -------
        list
            Results in the order of the items.
        """
        if self._pool is None:
            return [task(item) for item in items]
        return list(self._pool.map(task, items))

    def in_turn(self, task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Call a task for each item, and give each result as soon as it and those before are there.

        Parameters
        ----------
        task : callable
            From an item to its result.
        items : iterable
            What it is called with.

        Returns
        -------
        iterator
            Results in the order of the items.
        """
        return map(task, items) if self._pool is None else self._pool.map(task, items)


def _single_threads(number: int) -> ThreadPoolExecutor:
    """Start threads on each of which torch uses that thread alone."""
    import torch

    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(number, initializer=_confine)
    # All are started here, because each also sets what later threads of the caller begin with.
    everyone = Barrier(number)
    list(pool.map(lambda _: everyone.wait(_PATIENCE), range(number)))
    torch.set_num_threads(before)
    return pool


def _confine() -> None:
    """Confine torch to this thread, for work that it is given on this thread."""
    import torch

    # A thread that has never asked takes over the process's number at its first operation.
    torch.get_num_threads()
    torch.set_num_threads(1)


def product(a: Tensor, b: Tensor, products: Products = "full") -> Tensor:
    """Multiply A B, with the factors rounded as chosen and sums in the weights' precision.

    Parameters
    ----------
    a : (n, k) tensor
        A.
    b : (k, m) tensor
        B.
    products : {"full", "tf32", "bfloat16"}
        What the factors are rounded to, on a CUDA device; see `Compute`.

    Returns
    -------
    (n, m) tensor
        A B, of the dtype of `a`.
    """
    import torch

    if a.device.type == "cpu":
        return torch.mm(a, b)
    if products == "bfloat16":
        return torch.mm(a.bfloat16(), b.bfloat16(), out_dtype=a.dtype)
    with _tensor_float(allowed=products == "tf32"):
        return torch.mm(a, b)


def add_product(total: Tensor, a: Tensor, b: Tensor, products: Products = "full") -> None:
    """Add A B to a tensor where it is.

    Parameters
    ----------
    total : (n, m) tensor
        What is added to.
    a : (n, k) tensor
        A.
    b : (k, m) tensor
        B.
    products : {"full", "tf32", "bfloat16"}
        What the factors are rounded to, on a CUDA device; see `Compute`.
    """
    if total.device.type == "cpu":
        total.addmm_(a, b)
    else:
        total.add_(product(a, b, products))


def sum_in_order(parts: Sequence[Tensor]) -> Tensor:
    """Add up tensors into the first of them, one after another.

    Parameters
    ----------
    parts : sequence of tensor
        At least one, all of one shape; the first is overwritten.

    Returns
    -------
    tensor
        The first of them.
    """
    total = parts[0]
    for part in parts[1:]:
        total.add_(part)
    return total


@contextmanager
def _tensor_float(*, allowed: bool) -> Iterator[None]:
    """Put the run's choice in place of the process's, both ways: "full" must not become TF32."""
    import torch

    settings = torch.backends.cuda.matmul
    before = settings.allow_tf32
    settings.allow_tf32 = allowed
    try:
        yield
    finally:
        settings.allow_tf32 = before


def factors(
    weights: Tensor, n_words: int, *, tied: bool, compute: Compute
) -> tuple[Tensor, Tensor]:
    """Give words and contexts, each (V, d), of weights as `State` holds them.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; words and contexts of untied ones.
    n_words : int
        V.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision that the weights must have.

    Returns
    -------
    words : (V, d) tensor
        A, contiguous and aligned in memory.
    contexts : (V, d) tensor
        B; of tied weights the words again.

    Raises
    ------
    InputError
        Weights of another shape, precision or device.
    """
    shape = f"({n_words}, d)" if tied else f"(2, {n_words}, d)"
    if weights.ndim != (2 if tied else 3) or tuple(weights.shape[:-1]) != (
        (n_words,) if tied else (2, n_words)
    ):
        raise InputError(f"the weights have shape {tuple(weights.shape)}; pass {shape}")
    if weights.dtype != compute.torch_dtype or weights.device.type != compute.torch_device.type:
        raise InputError(
            f"the weights are {weights.dtype} on {weights.device}, but the objective computes in "
            f"{compute.dtype} on {compute.device}; pass weights made so"
        )
    plain = weights.detach().contiguous()
    if plain.data_ptr() % _ALIGNMENT:
        plain = plain.clone()
    return (plain, plain) if tied else (plain[0], plain[1])
