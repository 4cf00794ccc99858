"""The four integer types of a graph, all signed."""

from enum import Enum

import numpy as np


class DType(Enum):
    """A signed integer type; its value is the width in bits."""

    I8 = 8
    I16 = 16
    I32 = 32
    I64 = 64

    @property
    def width(self) -> int:
        """Bits."""
        return self.value

    @property
    def size(self) -> int:
        """Bytes."""
        return self.value // 8

    @property
    def minimum(self) -> int:
        return -(1 << (self.value - 1))

    @property
    def maximum(self) -> int:
        return (1 << (self.value - 1)) - 1

    @property
    def numpy(self) -> np.dtype[np.signedinteger]:
        return np.dtype(f"int{self.value}")
