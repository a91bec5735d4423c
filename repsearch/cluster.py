"""Run work on the processes of a Dask cluster, and say what is wrong where there is none."""

from __future__ import annotations

import logging
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from repsearch.checks import number_of_threads
from repsearch.errors import InputError
from repsearch.extras import missing
from repsearch.storage.keys import program_digest

LOCAL = "local"
"""Name of a cluster of this machine's own processes, which ends with the command."""

_PATIENCE = 30.0
"""Seconds in which a scheduler has to answer, and to have a worker."""


class Workers:
    """Give work to the processes of a Dask cluster; made by `workers`.

    Parameters
    ----------
    client : distributed.Client
        Connected with the scheduler.
    address : str
        What it is called in messages, ``"local"`` or the scheduler's address.
    """

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._program = program_digest("repsearch")
        self._number = 0

    @property
    def number(self) -> int:
        """Number of processes at work now."""
        return len(self._client.nthreads())

    def submit(self, task: Callable[..., Any], *arguments: Any, name: str) -> Any:
        """Hand in a task, which is done again elsewhere if its worker is lost.

        Parameters
        ----------
        task : callable
            A function of this package: it may be called twice, and at the same time.
        *arguments
            Its arguments; of what `submit` gave, the results are passed.
        name : str
            What it is called on the cluster's dashboard and in messages.

        Returns
        -------
        distributed.Future
            For `results`, or for another task.
        """
        self._number += 1
        named = self._address != LOCAL
        return self._client.submit(
            _on_worker,
            self._program,
            task,
            name,
            named,
            *arguments,
            key=f"{name}|{self._number}|{id(self):x}|{socket.gethostname()}",
            pure=False,
        )

    def results(self, futures: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Give the results of tasks as they come.

        Parameters
        ----------
        futures : sequence of distributed.Future
            From `submit`.

        Yields
        ------
        number : int
            Place of the task among them.
        result : object
            What it returned.

        Raises
        ------
        InputError
            What a task said of its input; a task whose workers died again and again; a
            scheduler that is gone.
        """
        from distributed import as_completed

        place = {future.key: k for k, future in enumerate(futures)}
        with self.explained():
            try:
                for future in as_completed(futures):
                    yield place[future.key], future.result()
            except BaseException:
                # What is not begun yet is not begun.
                with suppress(Exception):
                    self._client.cancel(list(futures), force=True)
                raise

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Put what Dask raises in words.

        Yields
        ------
        None
            Nothing.

        Raises
        ------
        InputError
            A worker that died again and again; a scheduler that is gone.
        """
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        try:
            yield
        except KilledWorker as error:
            name = str(error.task).rsplit("|", 3)[0]
            raise InputError(
                f"worker after worker ({1 + error.allowed_failures}) died at {name!r}, the last at "
                f"{error.last_worker.address}: most often the machine ended it for its memory; "
                "pass a smaller --memory, or fewer workers to a machine"
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise InputError(
                f"the Dask scheduler at {self._address} went away; start it again, and give the "
                "same command: what was finished is not done again"
            ) from error


@contextmanager
def workers(scheduler: str, processes: int | None = None) -> Iterator[Workers]:
    """Start processes of this machine, or find those of a scheduler.

    Parameters
    ----------
    scheduler : str
        ``"local"``, or the address of a Dask scheduler such as ``"tcp://node7:8786"``.
    processes : int, optional
        How many processes ``"local"`` starts, of one thread each; one a processor by default.

    Yields
    ------
    Workers
        For tasks.

    Raises
    ------
    InputError
        No Dask installed; no such scheduler, or one without workers; a number of processes
        below 1, or one for a scheduler that has its own.
    """
    try:
        import dask
        import distributed
    except ImportError:
        raise missing("counting on Dask (--scheduler)", "dask", "distributed", "fsspec") from None
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with ExitStack() as stack:
        stack.enter_context(dask.config.set({"distributed.comm.timeouts.connect": _PATIENCE}))
        if scheduler == LOCAL:
            client = _local(stack, number_of_threads(processes), distributed)
        else:
            client = _remote(stack, scheduler, distributed)
        yield Workers(client, scheduler)


def _local(stack: ExitStack, processes: int, distributed: Any) -> Any:
    scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="repsearch-dask-"))
    cluster = stack.enter_context(
        distributed.LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any that is free
            memory_limit=None,  # counting keeps to its own
            local_directory=scratch,
            silence_logs=logging.CRITICAL,
        )
    )
    return stack.enter_context(distributed.Client(cluster))


def _remote(stack: ExitStack, scheduler: str, distributed: Any) -> Any:
    try:
        client = stack.enter_context(distributed.Client(scheduler, timeout=_PATIENCE))
    except (OSError, ValueError) as error:  # no answer; an address that is none
        raise InputError(
            f"no Dask scheduler answers at {scheduler!r} ({_first_line(error)}); start one with "
            "'dask scheduler' and pass the address that it prints, such as tcp://node7:8786, or "
            "'local'"
        ) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise InputError(
            f"the Dask scheduler at {scheduler} has no worker; start some with "
            f"'dask worker {scheduler}'"
        ) from None
    return client


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0][:200]


def _on_worker(
    program: str,
    task: Callable[..., Any],
    name: str,
    named: bool,  # noqa: FBT001 - Dask passes by place
    *arguments: Any,
) -> Any:
    """Run a task in a worker's process, if it has the same program."""
    del name
    from distributed import get_worker

    where = ""
    if named:
        where = f" (worker {get_worker().address} on {socket.gethostname()})"
    if program_digest("repsearch") != program:
        raise InputError(
            "a worker has other files of repsearch than this command, so that what it counts may "
            f"differ; install the same version there{where}"
        )
    try:
        return task(*arguments)
    except InputError as error:
        raise InputError(f"{error}{where}") from None
