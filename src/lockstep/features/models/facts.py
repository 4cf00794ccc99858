"""What can be said of a compiled model without running it: names, shapes, sizes, roots."""

from lockstep.claims.model import ModelCommitment, commit_model
from lockstep.ir.graph import Graph, Node, TensorSpec
from lockstep.ir.ops import Opcode


def describe_model(graph: Graph, commitment: ModelCommitment | None = None) -> dict[str, object]:
    """The facts as a document; the roots are computed unless they are given."""
    found = commitment or commit_model(graph)
    return {
        "model_id": found.model_id,
        "graph_root": found.graph_root,
        "descriptors_root": found.descriptors_root,
        "weights_root": found.weights_root,
        "header": found.header,
        "nodes": len(graph.nodes),
        "parameters": count_parameters(graph),
        "multiplications": count_multiplications(graph),
        "inputs": [_describe_tensor(spec) for spec in graph.inputs],
        "outputs": [_describe_tensor(spec) for spec in graph.outputs],
        "source": graph.source,
    }


def count_parameters(graph: Graph) -> int:
    """Values in all constants, tables included."""
    return sum(int(constant.values.size) for constant in graph.constants)


def count_multiplications(graph: Graph) -> int:
    """Products of the matrix products and convolutions of one pass, padding counted."""
    return sum(node.elements * count_products(node) for node in graph.nodes)


def count_products(node: Node) -> int:
    """Products in one output element of a matrix product or convolution; 0 for other operators."""
    attributes = node.attributes
    if node.opcode is Opcode.MATMUL:
        return attributes[0]
    if node.opcode is Opcode.CONV:
        rows = (attributes[13] & 0xFFFF) - (attributes[13] >> 16)
        channels = (attributes[14] & 0xFFFF) - (attributes[14] >> 16)
        return rows * attributes[4] * channels
    return 0


def _describe_tensor(spec: TensorSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "dtype": spec.dtype.name.lower(),
        "shape": list(spec.shape),
        "scale": spec.scale,
        "zero_point": spec.zero_point,
    }
