"""Asking several workers of one implementation at the same time."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from funding_conformance.adapters.session import Session
from funding_conformance.protocol import Declaration, ProtocolFault, Question, Reply

SECONDS_TO_STOP: Final = 5.0

T = TypeVar("T")
Open = Callable[[], Session]


class Crew:
    """Several sessions with one implementation, to which the questions are dealt.

    :raises ProtocolFault: they do not declare the same
    """

    def __init__(self, workers: Sequence[Session]) -> None:
        self.workers = workers

        if any(worker.declaration != self.declaration for worker in workers):
            self.close()
            raise ProtocolFault("Its workers declare themselves differently.", path="hello")

    @property
    def declaration(self) -> Declaration:
        return self.workers[0].declaration

    @property
    def faults(self) -> list[str]:
        return [fault for worker in self.workers for fault in worker.faults]

    @property
    def remarks(self) -> list[str]:
        return [remark for worker in self.workers for remark in worker.remarks]

    @property
    def restarts(self) -> int:
        return self.workers[0].restarts

    @property
    def gave_up(self) -> str:
        return next((worker.gave_up for worker in self.workers if worker.gave_up), "")

    def ask(self, questions: Iterable[Question]) -> Generator[Reply, None, None]:
        """Deals the questions in hands that grow smaller, so that the workers end together."""
        left = deque(questions)

        def asking(worker: Session) -> Iterator[Reply]:
            while not self.gave_up and (hand := _hand(left, len(self.workers))):
                yield from worker.ask(hand)

        yield from at_once(self.workers, asking)

    def abandon(self) -> None:
        for worker in self.workers:
            worker.abandon()

    def close(self) -> None:
        try:
            each_in_a_thread([worker.close for worker in self.workers])
        except BaseException:
            self.abandon()
            raise


def open_crew(openings: Sequence[Open]) -> Crew:
    """Opens the sessions at the same time.

    :raises FundingError: the first that cannot be opened says why, and those that could are closed
    """
    opened: queue.SimpleQueue[Session | BaseException] = queue.SimpleQueue()

    def open_one(opening: Open) -> None:
        try:
            opened.put(opening())
        except BaseException as error:
            opened.put(error)

    each_in_a_thread([lambda opening=opening: open_one(opening) for opening in openings])  # type: ignore[misc]
    found = [opened.get() for _ in openings]
    workers = [each for each in found if not isinstance(each, BaseException)]
    for each in found:
        if isinstance(each, BaseException):
            each_in_a_thread([worker.close for worker in workers])
            raise each
    return Crew(workers)


def each_in_a_thread(calls: Sequence[Callable[[], object]]) -> None:
    """Makes calls at the same time and waits for all of them."""
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def at_once(workers: Sequence[Session], work: Callable[[Session], Iterable[T]]) -> Generator[T, None, None]:
    """Lets each worker do the same work in a thread of its own; yields whatever comes of it as it comes.

    Whoever stops listening ends the workers. An error of one is raised here. One worker alone needs no thread.
    """
    if len(workers) == 1:
        yield from work(workers[0])
        return
    came: queue.SimpleQueue[tuple[T] | BaseException | None] = queue.SimpleQueue()

    def do(worker: Session) -> None:
        try:
            for each in work(worker):
                came.put((each,))
            came.put(None)
        except BaseException as error:
            came.put(error)

    threads = [threading.Thread(target=do, args=(worker,), daemon=True) for worker in workers]
    at_work = len(workers)
    try:
        for thread in threads:
            thread.start()
        while at_work:
            match came.get():
                case None:
                    at_work -= 1
                case BaseException() as error:
                    raise error
                case (each,):
                    yield each
    finally:
        if at_work:
            for worker in workers:
                worker.abandon()
        for thread in threads:
            if thread.ident is not None:
                thread.join(SECONDS_TO_STOP)


def _hand(left: deque[Question], workers: int) -> list[Question]:
    """The next questions for one worker: a fair part of half of what is left."""
    hand: list[Question] = []
    for _ in range(max(1, len(left) // (2 * workers))):
        try:
            hand.append(left.popleft())
        except IndexError:
            break
    return hand
