"""What statements are about: a model without its weights, and a data set without its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Literal, cast

import numpy as np

from lockstep.crypto.hashing import leaf_hash, node_hash
from lockstep.crypto.merkle import digest_tree
from lockstep.errors import ProofError
from lockstep.ir.check import check_graph
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.format import outline_bytes, parse_outline
from lockstep.ir.graph import Graph, TensorSpec
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.compile import Structure, Visibility, build_structure
from lockstep.proof.files import MOST_PASSES, KeyFile, model_id_of
from lockstep.proof.key import ProofKey
from lockstep.proof.parameters import Parameters
from lockstep.proof.statement import OracleCommitment
from lockstep.proof.statement_files import DataKeyFile, Said, StatementFile, number_of, numbers_of, text_of
from lockstep.types import Digest

MOST_WEIGHTS = 1 << 26
"""Twice the words of the most rows of the widest preset."""
A_TREE = np.array([0, 0, -1, -2], np.int16)
"""A node that asks the first feature and has two leaves: rules that read a forest hold of it."""
InputsShown = Literal["public", "hidden"]


@dataclass(frozen=True, eq=False)
class ModelSubject:
    """A model and its key, as far as everybody may know them. Of ``graph`` no weight is read."""

    graph: Graph
    weights_root: Digest
    widths: tuple[int, ...]
    passes: int
    inputs: InputsShown
    parameters: Parameters
    commitment: OracleCommitment

    @cached_property
    def structure(self) -> Structure:
        """Of the program of the model's key."""
        return self.structure_of(Visibility(inputs=self.inputs), self.passes)

    def structure_of(self, shown: Visibility, passes: int) -> Structure:
        """Of a statement about the model."""
        log_columns = self.parameters.log_columns
        return build_structure(self.graph, passes=passes, statement=shown, log_columns=log_columns, widths=self.widths)

    @cached_property
    def key(self) -> ProofKey:
        """Its digest names the weights' commitment."""
        return ProofKey(self.structure.program, self.parameters, (self.commitment,))

    @cached_property
    def graph_root(self) -> Digest:
        """The name of the architecture."""
        descriptors = [leaf_hash(encode_descriptor(self.graph, number)) for number in range(len(self.graph.nodes))]
        return node_hash(Digest(self.graph.header()), digest_tree(descriptors).root)

    @property
    def model_id(self) -> Digest:
        """The id of the model with this key."""
        return model_id_of(self.graph_root, self.weights_root, self.key)

    @property
    def outline(self) -> bytes:
        """The graph without weights, and without the names that its author gave."""
        return outline_bytes(anonymous(self.graph))

    def said(self) -> Said:
        """What of it a claim says besides the outline."""
        return {
            "weights_root": self.weights_root.hex(),
            "widths": list(self.widths),
            "passes": self.passes,
            "inputs": self.inputs,
        }

    def key_file(self, *, hides: bool) -> KeyFile:
        """The file of its key."""
        shows: Mapping[str, str] = {"inputs": self.inputs, "outputs": "public"}
        return KeyFile(self.key, self.graph_root, self.weights_root, self.passes, shows, self.widths, hides)


def subject_of_key(graph: Graph, key: KeyFile) -> ModelSubject:
    """The model of a key. Raises ``ProofError`` ``proof/key``, ``proof/other-model``."""
    subject = ModelSubject(
        graph,
        key.weights_root,
        key.widths,
        key.passes,
        _inputs(key.shows["inputs"]),
        key.key.parameters,
        key.key.commitments[0],
    )
    if subject.model_id != key.model_id:
        raise ProofError("proof/other-model", "the key is for another model", value="0x" + key.model_id.hex())
    return subject


def subject_of_file(file: StatementFile) -> ModelSubject:
    """The model that a file's claim is about. Raises ``ProofError``, ``GraphError`` or ``ModelError``."""
    weights_root = bytes.fromhex(text_of(file.said, "weights_root"))
    passes = number_of(file.said, "passes", MOST_PASSES)
    if len(weights_root) != 32 or passes < 1:
        raise ProofError("proof/file", "the file's claim names no model")
    return ModelSubject(
        checked_outline(file.outline),
        Digest(weights_root),
        numbers_of(file.said, "widths"),
        passes,
        _inputs(text_of(file.said, "inputs")),
        file.parameters,
        file.commitments[0],
    )


def anonymous(graph: Graph) -> Graph:
    """The same graph without names and scales of which no program speaks; inputs keep theirs, for data sets."""
    outputs = tuple(replace(spec, name="", scale=1.0, zero_point=0) for spec in graph.outputs)
    nodes = tuple(replace(node, name="") for node in graph.nodes)
    return Graph(graph.inputs, outputs, nodes, graph.constants)


def checked_outline(data: bytes) -> Graph:
    """A model without weights, by every rule of validity that does not read them. Raises ``LockstepError``."""
    graph = parse_outline(data)
    sizes = [prod(constant.shape) for constant in graph.constants]
    if not all(sizes) or sum(sizes) > MOST_WEIGHTS:
        raise ProofError("proof/parameters", "no preset has room for so many weights", value=sum(sizes))
    forests = {node.operands[1].index for node in graph.nodes if node.opcode is Opcode.TREES and len(node.operands) > 1}
    constants = [
        replace(constant, values=np.broadcast_to(A_TREE, constant.shape))
        if number in forests and constant.shape[-1:] == A_TREE.shape
        else constant
        for number, constant in enumerate(graph.constants)
    ]
    check_graph(Graph(graph.inputs, graph.outputs, graph.nodes, tuple(constants)))
    return graph


def outline_of_rows(specs: tuple[TensorSpec, ...]) -> bytes:
    """What a row of a data set is: tensors like a model's inputs."""
    return outline_bytes(Graph(specs, (), (), ()))


def specs_of_rows(data: DataKeyFile) -> tuple[TensorSpec, ...]:
    """The tensors of a row. Raises ``ModelError``, ``ProofError``."""
    graph = parse_outline(data.outline)
    if graph.nodes or graph.constants or graph.outputs or not graph.inputs:
        raise ProofError("proof/file", "this is no outline of a data set")
    return graph.inputs


def _inputs(text: str) -> InputsShown:
    if text not in ("public", "hidden"):
        raise ProofError("proof/key", "the key shows what cannot be rebuilt from its text", value=text)
    return cast(InputsShown, text)
