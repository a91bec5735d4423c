"""Processes that are threads of one: what is said goes through queues instead of gloo."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import torch
from torch import Tensor

from repsearch.training.processes import helping
from repsearch.training.processes.group import Processes

_PATIENCE = 60.0


class Threaded(Processes):
    """One of several; counts the bytes that it sends."""

    def __init__(self, number: int, size: int, lines: dict[tuple[int, int], Queue[Tensor]]) -> None:
        super().__init__(number, size)
        self.lines, self.sent = lines, 0

    def send_tensor(self, tensor: Tensor, other: int) -> None:
        self.sent += tensor.nbytes
        self.lines[self.number, other].put(tensor.clone())

    def receive_into(self, tensor: Tensor, other: int) -> None:
        got = self.lines[other, self.number].get(timeout=_PATIENCE)
        assert (got.shape, got.dtype) == (tensor.shape, tensor.dtype)
        assert tensor.is_contiguous()
        tensor.copy_(got)

    def broadcast(self, tensor: Tensor) -> None:
        assert tensor.is_contiguous()
        if self.number:
            self.receive_into(tensor, 0)
        else:
            for other in range(1, self.size):
                self.send_tensor(tensor, other)

    def leave(self) -> None:
        pass


@contextmanager
def threaded(size: int) -> Iterator[list[Threaded]]:
    """The first of so many processes; the others help it in threads until the block ends."""
    lines: dict[tuple[int, int], Queue[Tensor]] = {
        (a, b): Queue() for a in range(size) for b in range(size)
    }
    all_of_them = [Threaded(number, size, lines) for number in range(size)]
    failed: list[BaseException] = []

    def help_first(one: Threaded) -> None:
        try:
            helping.help_first(one)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=help_first, args=(one,)) for one in all_of_them[1:]]
    before = torch.get_num_threads()
    for thread in threads:
        thread.start()
    try:
        yield all_of_them
    finally:
        all_of_them[0].end()
        for thread in threads:
            thread.join(_PATIENCE)
        torch.set_num_threads(before)
    assert not failed
