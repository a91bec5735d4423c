"""Measure a change of the weights, each mode by its own size.

Modes are learned one at a time: while the first is of the order of 1, the next
is 1e-6 and grows. An error relative to ||W|| would let the second go wrong by
its own size, and with it the time at which it is learned. So errors are compared
with each singular value of W on its own.

With W = U S O^T, mode k of a change E is E o_k, and its relative size is
||E o_k|| / s_k. This is the measure that fits the flow: the gradient of any loss
of W W^T is a V x V matrix times W, and so are the stages of every Runge-Kutta
step and, by induction, its error, E = P W. Hence E o_k / s_k = P u_k, which
stays small however small a mode is; and it does not change when W is rotated
from the right, as the loss does not. Untied weights are taken as A above B.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repsearch.training.arithmetic.reproducible import one_torch_thread

if TYPE_CHECKING:
    from torch import Tensor


class ModeScale:
    """The modes of some weights, and changes measured by them.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W, finite. A QR decomposition is made: 2 V d^2 operations.
    rtol : float
        Relative error that is to be allowed. Modes below eps / rtol of the
        largest are known to rounding only, and are measured by that size.

    Examples
    --------
    >>> import torch
    >>> weights = torch.diag(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    >>> scale = ModeScale(weights, rtol=1e-6)
    >>> change = torch.zeros_like(weights)
    >>> change[1, 1] = 1e-4  # a tenth of the second mode
    >>> round(scale.relative(change), 6)
    0.1
    """

    @one_torch_thread()
    def __init__(self, weights: Tensor, rtol: float) -> None:
        import torch

        rows = weights.reshape(-1, weights.shape[-1])
        self._size = float(rows.abs().amax())
        if self._size == 0:
            return
        # Through the Gram matrix, modes below 1e-8 of the largest would be lost.
        upper = torch.linalg.qr(rows / self._size, mode="r").R.double().cpu()
        _, sizes, modes = torch.linalg.svd(upper, full_matrices=False)
        floor = torch.finfo(weights.dtype).eps / rtol * sizes[0]
        scaled = modes.T / torch.hypot(sizes, floor)
        self._to_modes = scaled.to(weights)

    @one_torch_thread()
    def relative(self, change: Tensor) -> float:
        """Work out the largest of ||E o_k|| / s_k over the modes.

        Parameters
        ----------
        change : (V, d) or (2, V, d) tensor
            E, of the shape of the weights.

        Returns
        -------
        float
            Not finite if E is not; 0 for weights that are 0.
        """
        if self._size == 0:
            # From the origin the flow does not move.
            return 0.0
        by_mode = change.reshape(-1, change.shape[-1]) / self._size @ self._to_modes
        largest = float(by_mode.abs().amax())
        if largest == 0 or not math.isfinite(largest):
            return largest
        norms = (by_mode.double() / largest).square().sum(0).sqrt()
        return largest * float(norms.amax())
