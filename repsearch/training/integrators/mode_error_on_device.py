"""Measure a change of the weights by their modes without asking the device for a number.

With G + f^2 I = L L^T, G = W^T W and f the size below which modes are rounding, the columns
of B = E L^-T are those of E (G + f^2 I)^(-1/2), rotated. So the largest singular value of B
is at least the largest ||E o_k|| / (s_k^2 + f^2)^(1/2), which `ModeScale` measures, and at
most d^(1/2) times that; it is 1 to a few times as large as modes differ in their errors. It needs
a Cholesky factor of d x d numbers and no eigenvectors, which take a device longer than a step
does, and it does not depend on a basis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


# tr(M^64)^(1/64) is between the largest eigenvalue and d^(1/64) times that, 1.09 for d = 200.
_SQUARINGS = 6


class DeviceModeScale:
    """The modes of some weights, and changes measured by them, as `ModeScale` does on the host.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W, finite. Of float32 the Gram matrix is made in float64, whose rounding is below that
        of float32 weights themselves; of float64 a QR decomposition.
    rtol : float
        Relative error that is to be allowed. Modes below eps / rtol of the
        largest are known to rounding only, and are measured by that size.

    Examples
    --------
    >>> import torch
    >>> weights = torch.diag(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    >>> scale = DeviceModeScale(weights, rtol=1e-6)
    >>> change = torch.zeros_like(weights)
    >>> change[1, 1] = 1e-4  # a tenth of the second mode
    >>> round(scale.relative(change), 6)
    0.1
    """

    def __init__(self, weights: Tensor, rtol: float) -> None:
        import torch

        rows = weights.reshape(-1, weights.shape[-1])
        self._size = rows.abs().amax()
        self._unit = torch.where(self._size == 0, 1, self._size)
        scaled = (rows / self._unit).double()
        floor = torch.finfo(weights.dtype).eps / rtol
        identity = torch.eye(rows.shape[1], dtype=torch.float64, device=rows.device)
        if weights.dtype == torch.float32:
            gram = scaled.T @ scaled
            raised = gram + floor**2 * _largest(gram) * identity
            # Of weights that are 0 the factor is of no use, and is not used.
            self._factor = torch.linalg.cholesky_ex(raised).L.T
        else:
            upper = torch.linalg.qr(scaled, mode="r").R
            low = floor * _largest(upper.T @ upper).sqrt() * identity
            self._factor = torch.linalg.qr(torch.cat([upper, low]), mode="r").R

    def relative(self, change: Tensor) -> float:
        """Work out how large a change is, relative to each mode's own size.

        Parameters
        ----------
        change : (V, d) or (2, V, d) tensor
            E, of the shape of the weights.

        Returns
        -------
        float
            Not finite if E is not; 0 for weights that are 0.
        """
        return float(self.relative_on_device(change))

    def relative_on_device(self, change: Tensor) -> Tensor:
        """Work it out as a tensor of one number, in float64, that stays on the device.

        Parameters
        ----------
        change : (V, d) or (2, V, d) tensor
            E, of the shape of the weights.

        Returns
        -------
        tensor
            As `relative` gives.
        """
        import torch

        rows = change.reshape(-1, change.shape[-1])
        peak = rows.abs().amax()
        unit = torch.where(peak == 0, 1, peak)
        white = torch.linalg.solve_triangular(
            self._factor, (rows / unit).double(), upper=True, left=False
        )
        size = _largest(white.T @ white).sqrt() * (peak.double() / self._unit)
        # From the origin the flow does not move.
        return torch.where(self._size == 0, 0, size)


def _largest(matrix: Tensor) -> Tensor:
    """Bound the largest eigenvalue of a positive matrix from above, closely; 0 for 0."""
    import torch

    total = matrix.diagonal().sum()
    power = matrix / torch.where(total == 0, 1, total)
    for _ in range(_SQUARINGS):
        power = power @ power
    # All eigenvalues are at most 1 here, the largest at least 1 / d.
    return total * power.diagonal().sum().pow(0.5**_SQUARINGS)
