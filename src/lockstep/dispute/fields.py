"""A node's descriptor as the contracts read it: any 512 bytes, refused with their code (integer-graph.md section 4)."""

from dataclasses import dataclass

from lockstep.errors import ProofError

DESCRIPTOR_BYTES = 512
MAXIMUM_RANK = 6
MAXIMUM_SHIFT = 62
MAXIMUM_OPERANDS = 8

KIND_INPUT = 1
KIND_WEIGHT = 2
KIND_TRACE = 3

_SHAPE = 16
_ATTRIBUTES = 24
_OPERANDS = 40
_OPERAND_FIELDS = 6


@dataclass(frozen=True)
class OperandFields:
    """Where an operand's tensor is and what its codes mean. ``index``: input, first weight leaf or node number."""

    kind: int
    index: int
    width: int
    zero_point: int
    leaves: int
    levels: int

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return self.width // 8


@dataclass(frozen=True)
class NodeFields:
    """The fields that every kernel needs; the methods read the rest on demand."""

    descriptor: bytes
    opcode: int
    rank: int
    operands: int
    zero_point: int
    multiplier: int
    shift: int
    low: int
    high: int
    multiplier2: int

    def attribute(self, number: int) -> int:
        return _read(self.descriptor, _ATTRIBUTES + number, is_signed=True)

    def positive(self, number: int) -> int:
        """An attribute that divides or counts."""
        return _require_positive(self.attribute(number))

    def extent(self, axis: int) -> int:
        """The output's size along an axis."""
        return _require_positive(_read(self.descriptor, _SHAPE + axis))

    def operand(self, number: int) -> OperandFields:
        require_sound(number < self.operands <= MAXIMUM_OPERANDS, "no such operand", number)
        first = _OPERANDS + _OPERAND_FIELDS * number
        width = _read(self.descriptor, first + 2)
        require_sound(width in (8, 16, 32, 64), "no such width", width)
        return OperandFields(
            kind=_read(self.descriptor, first),
            index=_read(self.descriptor, first + 1),
            width=width,
            zero_point=_read(self.descriptor, first + 3, is_signed=True),
            leaves=_read(self.descriptor, first + 4),
            levels=_read(self.descriptor, first + 5),
        )


def read_fields(descriptor: bytes) -> NodeFields:
    """The fields of a descriptor. Raises ``ProofError`` ``descriptor/malformed``, here or when a field is asked for."""
    require_sound(len(descriptor) == DESCRIPTOR_BYTES, "a descriptor has 512 bytes", len(descriptor))
    node = NodeFields(
        descriptor=descriptor,
        opcode=_read(descriptor, 0),
        rank=_read(descriptor, 2),
        operands=_read(descriptor, 3),
        zero_point=_read(descriptor, 7, is_signed=True),
        multiplier=_read(descriptor, 8, is_signed=True),
        shift=_read(descriptor, 9),
        low=int.from_bytes(descriptor[40:48], "big", signed=True),
        high=int.from_bytes(descriptor[48:56], "big", signed=True),
        multiplier2=_read(descriptor, 14, is_signed=True),
    )
    require_sound(0 < node.rank <= MAXIMUM_RANK, "no such rank", node.rank)
    require_sound(node.shift <= MAXIMUM_SHIFT, "the shift is too large", node.shift)
    return node


def require_sound(is_sound: bool, message: str, value: object) -> None:
    """Refuses a descriptor that no compiler writes. Raises ``ProofError`` ``descriptor/malformed``."""
    if not is_sound:
        raise ProofError("descriptor/malformed", message, value=value)


def _read(descriptor: bytes, field: int, *, is_signed: bool = False) -> int:
    return int.from_bytes(descriptor[4 * field : 4 * field + 4], "big", signed=is_signed)


def _require_positive(value: int) -> int:
    require_sound(value > 0, "a field that divides or counts is not positive", value)
    return value
