"""Answers that are wrong on purpose: one activation deep inside is changed, and what follows is computed from it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lockstep.chain.bindings.shared import Job
from lockstep.exec import reference
from lockstep.exec.trace import Trace
from lockstep.features.inference.answers import Answer, AnswerProvider
from lockstep.ir.graph import Graph
from lockstep.types import Digest

Values = Sequence[NDArray[np.signedinteger]]


def changed_values(graph: Graph, inputs: Values, values: Values, change: tuple[int, int, int]) -> Values:
    """The values of all nodes with one (node, element) set to a value and everything after it computed anew."""
    node_number, element, value = change
    changed = list(values)
    changed[node_number] = values[node_number].copy()
    changed[node_number].reshape(-1)[element] = value
    for number in range(node_number + 1, len(graph.nodes)):
        changed[number] = reference.evaluate_node(graph, number, inputs, changed[:number])
    return changed


class LyingAnswers:
    """An answer provider that lies about some jobs: ``choose`` gives the change, or None to be honest."""

    def __init__(self, honest: AnswerProvider, choose: Callable[[Answer], tuple[int, int, int] | None]) -> None:
        self._honest, self._choose = honest, choose
        self._lies: dict[Digest, Answer] = {}

    def find_answer(self, job_id: Digest, job: Job, input_data: bytes) -> Answer | None:
        """As ``HonestAnswers``, but false."""
        answer = self._honest.find_answer(job_id, job, input_data)
        if answer is None:
            return None
        if job_id not in self._lies:
            self._lies[job_id] = self._false(answer)
        return self._lies[job_id]

    def _false(self, answer: Answer) -> Answer:
        change = self._choose(answer)
        trace = answer.trace
        if change is None or not isinstance(trace, Trace):
            return answer
        passes = []
        for number, inputs in enumerate(answer.inputs):
            values: Values = [trace.values(number, node) for node in range(len(answer.graph.nodes))]
            last = number == len(answer.inputs) - 1
            passes.append((inputs, changed_values(answer.graph, inputs, values, change) if last else values))
        return Answer(answer.graph, answer.inputs, Trace.of(answer.graph, passes))
