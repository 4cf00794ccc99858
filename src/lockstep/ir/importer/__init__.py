"""ONNX in, integer graph out."""

from lockstep.ir.importer.compile import compile_model

__all__ = ["compile_model"]
