"""Pass numbers between the processes of one computation, of which the first leads.

The first process does all that a single one would do, and asks the others for their share of a
sum. So there is one copy of every decision (the size of a step, when to stop, what is written),
and machines that round differently cannot drift apart. Nothing is pickled: a message is JSON
and arrays.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from repsearch.checks import number_of_threads
from repsearch.errors import InputError, ProcessLostError
from repsearch.training.compute import Compute

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_LOG = logging.getLogger(__name__)
_PATIENCE = datetime.timedelta(days=1)
"""How long a process waits for another that neither answers nor ends."""
_NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class Processes:
    """The processes of one computation, as one of them sees them; made by `over_processes`.

    Parameters
    ----------
    number, size : int
        Which of them this one is, from 0, and how many there are.

    Attributes
    ----------
    lost : str
        Why they can no longer speak to each other; empty while they can.

    Examples
    --------
    >>> from repsearch.training import Processes
    >>> [list(Processes(number, 3).share(8)) for number in range(3)]
    [[0, 1], [2, 3, 4], [5, 6, 7]]
    """

    def __init__(self, number: int, size: int) -> None:
        self.number, self.size = number, size
        self.lost = ""
        self._job = 0
        self._exchanging = False
        self._put_off: BaseException | None = None
        self._before: dict[int, Any] = {}

    def share(self, things: int, number: int | None = None) -> range:
        """Give a process its share of numbered things, as even as can be.

        Parameters
        ----------
        things : int
            How many there are.
        number : int, optional
            Of the process, by default this one.

        Returns
        -------
        range
            Those that follow the share of the process before.
        """
        mine = self.number if number is None else number
        return range(things * mine // self.size, things * (mine + 1) // self.size)

    def threads(self, compute: Compute) -> Compute:
        """Choose threads where none were chosen: what this machine has, shared by its processes.

        Parameters
        ----------
        compute : Compute
            Device and precision, perhaps with a number of threads.

        Returns
        -------
        Compute
            With one.

        Raises
        ------
        InputError
            Another device than the processor.
        """
        if compute.torch_kind != "cpu":
            raise InputError(
                f"device is {compute.device!r}, and work over processes is done on processors "
                "alone; choose 'cpu', or start one process"
            )
        if compute.threads is not None:
            return compute
        here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        return replace(compute, threads=max(1, number_of_threads(None) // here))

    def begin(self, facts: Mapping[str, Any], shares: Mapping[int, Mapping[str, Any]]) -> int:
        """Give all others work, in place of what they had before.

        Parameters
        ----------
        facts : mapping
            JSON, for all of them.
        shares : mapping of int to mapping
            What is for each of them: numbers, and arrays.

        Returns
        -------
        int
            Number of this work.
        """
        self._job += 1
        with self.exchange(self._job):
            for other, own in shares.items():
                arrays = {key: one for key, one in own.items() if isinstance(one, np.ndarray)}
                numbers = {key: one for key, one in own.items() if key not in arrays}
                self.send(other, {"do": "begin", **facts, **numbers}, arrays)
        return self._job

    def ask(self, facts: Mapping[str, Any], *tensors: Tensor) -> None:
        """Ask all others for their share, at some weights.

        Parameters
        ----------
        facts : mapping
            JSON: what is wanted.
        *tensors : tensor
            Sent to all of them.
        """
        for other in range(1, self.size):
            self.send(other, {"do": "work", **facts}, {})
        for tensor in tensors:
            self.broadcast(tensor)

    @contextmanager
    def exchange(self, job: int) -> Iterator[None]:
        """Put off Ctrl-C until all has been said and heard, so that the others are not left alone.

        Parameters
        ----------
        job : int
            From `begin`: what is spoken of.

        Yields
        ------
        None
            Once.

        Raises
        ------
        InputError
            The others have been given other work since.
        ProcessLostError
            One of them was lost, now or before.
        """
        if job != self._job:
            raise InputError(
                "the processes have been given another objective since this one was made; make "
                "it again"
            )
        if self.lost:
            raise ProcessLostError(self.lost)
        self._exchanging = True
        try:
            yield
        except BaseException as error:
            # The others are in the midst of something: there is no speaking to them any more.
            self.lost = str(error) or type(error).__name__
            raise
        finally:
            self._exchanging = False
        if self._put_off is not None:
            put_off, self._put_off = self._put_off, None
            raise put_off

    def send(
        self, other: int, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> None:
        """Send a message.

        Parameters
        ----------
        other : int
            To which process.
        facts : mapping
            JSON.
        arrays : mapping of str to ndarray
            Of numbers.
        """
        import torch

        kinds = {key: [one.dtype.name, list(one.shape)] for key, one in arrays.items()}
        text = json.dumps({"facts": facts, "arrays": kinds}).encode()
        self.send_tensor(torch.tensor([len(text)]), other)
        self.send_tensor(torch.frombuffer(bytearray(text), dtype=torch.uint8), other)
        for one in arrays.values():
            self.send_tensor(torch.from_numpy(np.require(one, requirements=["C", "W"])), other)

    def receive(self, other: int) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Wait for a message.

        Parameters
        ----------
        other : int
            From which process.

        Returns
        -------
        facts : dict
            JSON.
        arrays : dict of str to ndarray
            Of numbers.
        """
        import torch

        length = torch.zeros(1, dtype=torch.int64)
        self.receive_into(length, other)
        text = torch.empty(int(length), dtype=torch.uint8)
        self.receive_into(text, other)
        told = json.loads(text.numpy().tobytes())
        arrays = {}
        for key, (kind, shape) in told["arrays"].items():
            # Memory of torch, for its alignment.
            one = torch.empty(shape, dtype=getattr(torch, kind))
            self.receive_into(one, other)
            arrays[key] = one.numpy()
        return told["facts"], arrays

    def broadcast(self, tensor: Tensor) -> None:
        """Send a tensor from the first process to all others, which receive it in theirs.

        Parameters
        ----------
        tensor : tensor
            Contiguous, of the same shape everywhere.
        """
        import torch.distributed as dist

        try:
            dist.broadcast(tensor, 0)
        except RuntimeError as error:
            self._lost(None, error)

    def send_tensor(self, tensor: Tensor, other: int) -> None:
        """Send numbers.

        Parameters
        ----------
        tensor : tensor
            Contiguous.
        other : int
            To which process.
        """
        import torch.distributed as dist

        if tensor.numel():
            try:
                dist.send(tensor, other)
            except RuntimeError as error:
                self._lost(other, error)

    def receive_into(self, tensor: Tensor, other: int) -> None:
        """Wait for numbers.

        Parameters
        ----------
        tensor : tensor
            Where they go; contiguous, of the shape of what is sent.
        other : int
            From which process.
        """
        import torch.distributed as dist

        if tensor.numel():
            try:
                dist.recv(tensor, other)
            except RuntimeError as error:
                self._lost(other, error)

    def _lost(self, other: int | None, error: Exception) -> NoReturn:
        if other is None and self.size == 2:
            other = 1 - self.number
        whom = "one of the processes" if other is None else f"process {other}"
        _LOG.info("gloo: %s", error)
        self._give_up(
            f"{whom} was lost (it ended, or cannot be reached), so process {self.number} of "
            f"0 to {self.size - 1} ends too"
        )
        raise ProcessLostError(self.lost) from error

    def _give_up(self, why: str) -> None:
        self.lost = why
        # torchrun will send it now, and there is something to be saved and to be said first.
        if signal.SIGTERM in self._before:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def end(self) -> None:
        """Tell all others that this was all, where they can be told, and let go of them."""
        if not self.lost:
            with suppress(ProcessLostError):
                for other in range(1, self.size):
                    self.send(other, {"do": "end"}, {})
            self.leave()

    def leave(self) -> None:
        """Let go of the others."""
        import torch.distributed as dist

        # Not of a signal that was heard: it may be sent again.
        for which, before in self._before.items():
            if signal.getsignal(which) == self._signalled:
                signal.signal(which, before)
        dist.destroy_process_group()

    def listen(self) -> None:
        """Have Ctrl-C and SIGTERM end the first process in order, and Ctrl-C no other."""
        if threading.current_thread() is not threading.main_thread():
            return
        for which in (signal.SIGINT, signal.SIGTERM):
            self._before[which] = signal.signal(which, self._signalled)
        if self.number:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _signalled(self, which: int, frame: FrameType | None) -> None:
        # Once: torchrun sends a signal again that the terminal has sent to all.
        signal.signal(which, signal.SIG_IGN)
        error: BaseException = KeyboardInterrupt()
        if which == signal.SIGTERM:
            self._give_up(
                f"process {self.number} of 0 to {self.size - 1} was told to end (SIGTERM), as "
                "torchrun does where another was lost"
            )
            error = ProcessLostError(self.lost)
        if self._exchanging:
            self._put_off = error
        else:
            raise error


def torchrun_started() -> tuple[int, int] | None:
    """Tell whether torchrun, or something like it, has started this process beside others.

    Returns
    -------
    (int, int) or None
        Number of this process and how many there are; None for one alone.

    Examples
    --------
    >>> torchrun_started() is None
    True
    """
    found = [os.environ.get(name) for name in _NEEDED]
    if None in found:
        return None
    try:
        number, size = int(found[0] or ""), int(found[1] or "")
    except ValueError:
        return None
    return (number, size) if size > 1 else None


def joined(number: int, size: int) -> Processes:
    """Wait until all processes are there.

    Parameters
    ----------
    number, size : int
        From `torchrun_started`.

    Returns
    -------
    Processes
        As this one sees them.
    """
    import torch.distributed as dist

    if not dist.is_available() or not dist.is_gloo_available():
        raise InputError(
            "this build of torch has no gloo, by which processes speak to each other; start one "
            "process, or install torch from https://pytorch.org/get-started"
        )
    dist.init_process_group("gloo", timeout=_PATIENCE)
    made = Processes(number, size)
    made.listen()
    return made
