"""Gives an encoding to inputs that the quantiser passed over, such as one that goes into a Relu first."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


def encode_inputs(model: onnx.ModelProto, samples: Sequence[dict[str, NDArray[np.float32]]], bits: int) -> None:
    """Puts QuantizeLinear and DequantizeLinear behind every input that has none; ranges are those of the samples."""
    encoded = {node.input[0] for node in model.graph.node if node.op_type == "QuantizeLinear"}
    domain = next((node.domain for node in model.graph.node if node.op_type == "QuantizeLinear"), "")
    for name in samples[0]:
        if name in encoded:
            continue
        low = min(0.0, *(float(sample[name].min()) for sample in samples))
        high = max(0.0, *(float(sample[name].max()) for sample in samples))
        scale = np.float32((high - low) / ((1 << bits) - 1) or 1.0)
        point = np.array(round(-low / float(scale)), dtype=f"uint{bits}")
        for node in model.graph.node:
            for place, source in enumerate(node.input):
                if source == name:
                    node.input[place] = f"{name}/dequantised"
        constants = [f"{name}/scale", f"{name}/zero_point"]
        model.graph.initializer.extend(
            [numpy_helper.from_array(np.array(scale), constants[0]), numpy_helper.from_array(point, constants[1])]
        )
        quantised = [f"{name}/quantised"]
        steps = [
            helper.make_node("QuantizeLinear", [name, *constants], quantised, domain=domain),
            helper.make_node("DequantizeLinear", [*quantised, *constants], [f"{name}/dequantised"], domain=domain),
        ]
        nodes = [*steps, *model.graph.node]
        del model.graph.node[:]
        model.graph.node.extend(nodes)
