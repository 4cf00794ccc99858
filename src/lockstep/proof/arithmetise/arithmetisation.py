"""A graph's statement as a program, together with the words that satisfy it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lockstep.exec.inputs import Tensor
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.compile import Structure, Tables, Visibility, build_structure
from lockstep.proof.arithmetise.weights import weight_rows
from lockstep.proof.arithmetise.witness import Publics, WitnessBuilder, dataset_rows
from lockstep.proof.arithmetise.words import Rows
from lockstep.proof.relations import Program


@dataclass(frozen=True)
class Arithmetisation:
    """A program, the weights that a model commits to, and a witness for every run. Oracles: 0 weights, 1 witness."""

    structure: Structure

    @property
    def program(self) -> Program:
        return self.structure.program

    @property
    def widths(self) -> tuple[int, ...]:
        """The public number of each node that the program depends on besides the graph's structure."""
        return self.structure.facts.widths

    def weight_rows(self) -> Rows:
        """Canonical words ``uint64 [rows, 2^b]``."""
        return weight_rows(self.structure)

    @cached_property
    def _builder(self) -> WitnessBuilder:
        return WitnessBuilder(self.structure)

    def witness(self, passes: Sequence[Sequence[Tensor]], labels: Sequence[int] = ()) -> tuple[Rows, Publics]:
        """The rows of the witness but its pad row, and the values of the public tensors.

        ``passes``: for each pass the inputs of the model, in its order; ``labels`` of a statement about accuracy.
        """
        return self._builder.build(passes, labels=labels)

    def dataset_rows(self, passes: Sequence[Sequence[Tensor]], labels: Sequence[int] = ()) -> Rows:
        """The rows of committed inputs and their labels, oracle 1 of a statement about them."""
        return dataset_rows(self.structure, passes, labels)


def arithmetise(
    graph: Graph,
    *,
    passes: int = 1,
    statement: Visibility | None = None,
    log_columns: int,
    tables: Tables | None = None,
) -> Arithmetisation:
    """The program that says: the committed weights take these inputs to these outputs. ``ProofError`` if it cannot."""
    structure = build_structure(graph, passes=passes, statement=statement, log_columns=log_columns, tables=tables)
    return Arithmetisation(structure)
