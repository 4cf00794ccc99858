"""The Keccak permutation on several states at once, as LLVM vectors: hashing a trace must cost less than making it.

Lane ``l`` of word ``w`` is element ``w · lanes + l`` of the state array: one vector holds a word of every state.
Constants and the order of steps: FIPS 202, section 3.2.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 4
"""Four 64-bit words fill an AVX2 register; eight lanes spill and are slower there."""

ROUND_CONSTANTS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip
ROTATIONS = (
    (0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56), (27, 20, 39, 8, 14),
)  # fmt: skip
WORDS = 25

_WORD = ir.IntType(64)
_VECTOR = ir.VectorType(_WORD, LANES)
_NAME = f"lockstep_keccak_{LANES}"


@intrinsic  # type: ignore[untyped-decorator]
def permute(_typing_context: Any, states: Any) -> Any:
    """``permute(states)``: Keccak-f[1600] in place on ``LANES`` states, a contiguous uint64 array of 25 · LANES."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        function = builder.module.globals.get(_NAME) or _define(builder.module)
        builder.call(function, [array.data])
        return context.get_dummy_value()

    return types.void(states), generate


def _define(module: ir.Module) -> ir.Function:
    """The permutation as a function of its own: load, 24 rounds in a loop, store."""
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [_WORD.as_pointer()]), _NAME)
    function.linkage = "internal"
    function.attributes.add("noinline")
    entry, loop, done = (function.append_basic_block(name) for name in ("entry", "loop", "done"))
    builder = ir.IRBuilder(entry)
    pointer = builder.bitcast(function.args[0], _VECTOR.as_pointer())
    loaded = []
    for word in range(WORDS):
        loaded.append(builder.load(builder.gep(pointer, [_WORD(word)])))
        loaded[-1].align = 8
    builder.branch(loop)

    builder.position_at_end(loop)
    counter = builder.phi(_WORD)
    counter.add_incoming(_WORD(0), entry)
    words = [builder.phi(_VECTOR) for _ in range(WORDS)]
    for phi, value in zip(words, loaded, strict=True):
        phi.add_incoming(value, entry)
    results = _round(builder, list(words))
    constant = builder.load(builder.gep(_constants(module), [_WORD(0), counter]))
    results[0] = builder.xor(results[0], _broadcast(builder, constant))
    following = builder.add(counter, _WORD(1))
    counter.add_incoming(following, loop)
    for phi, value in zip(words, results, strict=True):
        phi.add_incoming(value, loop)
    builder.cbranch(builder.icmp_unsigned("<", following, _WORD(len(ROUND_CONSTANTS))), loop, done)

    builder.position_at_end(done)
    for word, value in enumerate(results):
        builder.store(value, builder.gep(pointer, [_WORD(word)])).align = 8
    builder.ret_void()
    return function


def _round(builder: ir.IRBuilder, words: list[Any]) -> list[Any]:
    """θ, ρ, π and χ; word x + 5y is lane (x, y)."""
    xor = builder.xor
    parity = [xor(xor(xor(words[x], words[x + 5]), xor(words[x + 10], words[x + 15])), words[x + 20]) for x in range(5)]
    change = [xor(parity[(x - 1) % 5], _rotate(builder, parity[(x + 1) % 5], 1)) for x in range(5)]
    words = [xor(words[i], change[i % 5]) for i in range(WORDS)]
    moved = list(words)
    for x in range(5):
        for y in range(5):
            moved[y + 5 * ((2 * x + 3 * y) % 5)] = _rotate(builder, words[x + 5 * y], ROTATIONS[x][y])
    return [
        xor(moved[i], builder.and_(builder.not_(moved[i // 5 * 5 + (i + 1) % 5]), moved[i // 5 * 5 + (i + 2) % 5]))
        for i in range(WORDS)
    ]


def _rotate(builder: ir.IRBuilder, value: Any, bits: int) -> Any:
    if bits == 0:
        return value
    left, right = (ir.Constant(_VECTOR, [count] * LANES) for count in (bits, 64 - bits))
    return builder.or_(builder.shl(value, left), builder.lshr(value, right))


def _broadcast(builder: ir.IRBuilder, value: Any) -> Any:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def _constants(module: ir.Module) -> ir.GlobalVariable:
    table = ir.GlobalVariable(module, ir.ArrayType(_WORD, len(ROUND_CONSTANTS)), f"{_NAME}_constants")
    table.linkage = "internal"
    table.global_constant = True
    table.initializer = ir.Constant(table.type.pointee, list(ROUND_CONSTANTS))
    return table
