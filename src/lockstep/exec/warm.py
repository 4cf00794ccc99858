"""Compiles every kernel before the first run, and says so: half a minute once, then kept on disk beside the source."""

from collections.abc import Callable

from numba import types as nb

from lockstep.crypto import kernels as hashing
from lockstep.exec import kernels, products

_I8, _I64 = nb.int8[::1], nb.int64[::1]
_I32, _F32, _F64 = nb.int32[::1], nb.float32[::1], nb.float64[::1]
_RANGE = (nb.int64, nb.int64)
_TERMS = nb.int64[:, ::1]


def _product(result: nb.Array) -> tuple[object, ...]:
    """8-bit values on binary32; ``plan_products.BINARY32``."""
    return (*_RANGE, _I8, _I64, _TERMS, _F32, _I32, _F64, _I64, _F64, _F32, _F32, _I32, result)


_DEPTHWISE = (*_RANGE, _I8, _I64, _TERMS, _I32, _I32, _F64, _I64, _F64, _F32, _F32, _I32, _I8)

KERNELS: tuple[hashing.Compiled, ...] = (
    *hashing.SIGNATURES,
    (products.multiply_patches, _product(_I8)),
    (products.multiply_patches, _product(_I32)),
    (products.convolve_depthwise, _DEPTHWISE),
    (kernels.add_narrow, (*_RANGE, _I8, _I8, _I64, _I8)),
    (kernels.multiply, (*_RANGE, _I8, _I8, _I64, _I8)),
    (kernels.look_up, (*_RANGE, _I8, _I8, _I8)),
    (kernels.requant, (*_RANGE, _I64, _I64, _I64)),
    (kernels.requant_channels, (*_RANGE, _I64, nb.int64[:, ::1], _I64, _I64)),
    (kernels.max_pool, (*_RANGE, _I8, _I64, _I8)),
    (kernels.average_pool, (*_RANGE, _I8, _I64, _I64, _I8)),
    (kernels.total, (*_RANGE, _I8, _I64, _I64, _I8)),
    (kernels.greatest, (*_RANGE, _I64, _I64, nb.int64, _I64)),
    (kernels.walk_trees, (*_RANGE, nb.int64[:, ::1], nb.int16[:, :, ::1], nb.int32[:, :, ::1], nb.int32[:, :, ::1])),
)
"""What an 8-bit model uses; kernels of other widths are compiled, and kept, when a model first needs them."""


def compile_kernels(on_progress: Callable[[int, int, str], None] | None = None) -> None:
    """Compile or load every kernel; ``on_progress(done, of, name)`` before each and at the end."""
    for done, (kernel, signature) in enumerate(KERNELS):
        if on_progress is not None:
            on_progress(done, len(KERNELS), kernel.__name__)
        kernel.compile(signature)
    if on_progress is not None:
        on_progress(len(KERNELS), len(KERNELS), "")
