"""Choose where and in which precision training computes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from repsearch.checks import number_of_threads
from repsearch.errors import InputError

if TYPE_CHECKING:
    import torch

Precision = Literal["float32", "float64"]
Products = Literal["full", "tf32", "bfloat16"]

_DEVICE = re.compile(r"(cpu|cuda)(:(\d|[1-9]\d))?")


@dataclass(frozen=True)
class Compute:
    """Device and precision, as the user chose them and as the run's manifest records them.

    Parameters
    ----------
    device : str
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
    dtype : {"float64", "float32"}
        Type of the weights and of all sums. Small starts need float64: rounding of
        float32, about 1e-7 of the largest singular value, seeds all modes at that size.
    products : {"full", "tf32", "bfloat16"}, optional
        What the factors of matrix products are rounded to at most, of float32 weights on
        a CUDA device; sums stay in float32. ``"full"`` is `dtype` itself. By default
        ``"tf32"`` for those, otherwise ``"full"``.
    threads : int, optional
        Threads on the CPU; all processors by default. The result does not depend on it.

    Raises
    ------
    InputError
        An unknown choice.

    Examples
    --------
    >>> from repsearch.training import Compute
    >>> compute = Compute(dtype="float32", threads=2)
    >>> compute.torch_device, compute.torch_dtype, compute.n_threads
    (device(type='cpu'), torch.float32, 2)
    >>> Compute("cuda", "float32").products, Compute("cuda").products
    ('tf32', 'full')
    """

    device: str = "cpu"
    dtype: Precision = "float64"
    products: Products = None  # type: ignore[assignment]  # chosen below, never None after it
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.dtype not in get_args(Precision):
            raise InputError(f"dtype is {self.dtype!r}; choose 'float64' or 'float32'")
        number_of_threads(self.threads)
        # Not asked of torch, for a run is read where there is none.
        if not _DEVICE.fullmatch(str(self.device)):
            raise InputError(f"device is {self.device!r}; choose 'cpu', 'cuda' or 'cuda:0'")
        kind = self.torch_kind
        if self.products is None:
            fast = kind == "cuda" and self.dtype == "float32"
            object.__setattr__(self, "products", "tf32" if fast else "full")
        if self.products not in get_args(Products):
            raise InputError(f"products is {self.products!r}; choose 'full', 'tf32' or 'bfloat16'")
        if self.products != "full" and (kind != "cuda" or self.dtype != "float32"):
            raise InputError(
                f"products is {self.products!r}, which is for float32 weights on a CUDA device; "
                "choose 'full'"
            )

    @property
    def torch_device(self) -> torch.device:
        """The device, as torch has it.

        Raises
        ------
        InputError
            This machine or this build of torch lacks it.
        """
        import torch

        found = torch.device(self.device)
        if found.type == "cuda" and not torch.cuda.is_available():
            raise InputError(
                f"device is {self.device!r}, but torch sees no CUDA device; choose 'cpu', or "
                "install a CUDA build of torch on a machine with a GPU"
            )
        return found

    @property
    def torch_kind(self) -> str:
        """Kind of the device, ``"cpu"`` or ``"cuda"``, whether it is here or not."""
        return self.device.partition(":")[0]

    @property
    def torch_dtype(self) -> torch.dtype:
        """The type of the weights, as torch has it."""
        import torch

        return torch.float64 if self.dtype == "float64" else torch.float32

    @property
    def eps(self) -> float:
        """Distance from 1 to the next number of those that factors of products are rounded to."""
        if self.products == "full":
            return float(np.finfo(self.dtype).eps)
        return 2.0**-10 if self.products == "tf32" else 2.0**-7

    @property
    def n_threads(self) -> int:
        """Threads to use on the CPU."""
        return number_of_threads(self.threads)
