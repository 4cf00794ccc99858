"""What goes into a committed block: recipes that the program's builder leaves for whoever knows the values."""

from dataclasses import dataclass

from lockstep.proof.relations import Expression, Index


@dataclass(frozen=True, slots=True)
class Weights:
    """``(constant[Σ strides·i + offset] − zero_point)``, times the channel's multiplier if there is a ``table``.

    ``channel`` are the strides that give the channel.
    """

    constant: int
    strides: tuple[int, ...]
    offset: int = 0
    zero_point: int = 0
    table: int | None = None
    channel: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Biases:
    """``bias · multiplier`` of each channel of a table."""

    table: int
    channel: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The multiplier of each channel of a table."""

    table: int
    channel: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a channel table as it is: 0 the biases, 1 the multipliers."""

    table: int
    number: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """For tree, leaf and level what the walk to the leaf asks: a code of the feature, or what is added to its value.

    ``x_f ≤ c`` is ``−x_f + c ≥ 0``: code f, addend c. ``x_f > c`` is ``x_f − c − 1 ≥ 0``: code F + f, addend −c − 1.
    Levels after the last repeat it; a leaf that no walk reaches asks what no value fulfils: ``never``.
    """

    nodes: int
    trees: int
    leaves: int
    depth: int
    features: int
    never: int
    is_addend: bool


@dataclass(frozen=True, slots=True)
class InputValue:
    """An input of the model, minus its zero point."""

    number: int
    zero_point: int


@dataclass(frozen=True, slots=True)
class Labels:
    """The label of each pass."""


@dataclass(frozen=True, slots=True)
class NodeValue:
    """A node's result, minus its zero point."""

    number: int
    zero_point: int


@dataclass(frozen=True, slots=True)
class Total:
    """At every place of a group: the sum of its first ``sections`` sections, plus ``rest``."""

    group: int
    sections: int
    indices: tuple[Index, ...]
    rest: Expression


@dataclass(frozen=True, slots=True)
class Amount:
    """An affine expression at every place of the indices; SUMMED ones are summed."""

    indices: tuple[Index, ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Floor:
    """``⌊value / divisor⌋``, or with ``is_rest`` what the division leaves."""

    value: "Source"
    divisor: "int | Source"
    is_rest: bool = False


Source = Total | Amount | Floor


@dataclass(frozen=True, slots=True)
class Bits:
    """``source >> shift``, of which the lowest ``count`` bits (all, with the sign, if ``None``)."""

    source: Source
    shift: int
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Limbs:
    """``count`` limbs of ``width`` bits of ``source >> shift``, the lowest first, along the first axis."""

    source: Source
    shift: int
    count: int
    width: int


@dataclass(frozen=True, slots=True)
class Greatest:
    """The greatest of several amounts."""

    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Excess:
    """``max(0, source − limit)``, or for ``below`` ``max(0, limit − source)``; times ``factor`` if there is one."""

    source: Source
    limit: int
    below: bool = False
    factor: Source | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """``x[address]``; the axes of ``block`` are ``strides`` addresses apart."""

    block: int
    strides: tuple[int, ...]
    address: Amount


@dataclass(frozen=True, slots=True)
class Leaf:
    """The leaf that a node's walks end at, for each row and tree, from the features in ``block``."""

    node: int
    block: int
    strides: tuple[int, ...]
    zero_point: int


@dataclass(frozen=True, slots=True)
class Signed:
    """``−x[row + code]`` of a code below ``features``, else ``x[row + code − features]``; x is by address."""

    block: int
    strides: tuple[int, ...]
    row: Amount
    code: Amount
    features: int
    zero_point: int


@dataclass(frozen=True, slots=True)
class Peak:
    """The greatest of an amount along all indices but the first ``kept``, or the first position of it."""

    amount: Amount
    kept: int
    is_position: bool


@dataclass(frozen=True, slots=True)
class IsPositive:
    """1 where an amount is greater than 0, else 0."""

    amount: Amount


@dataclass(frozen=True, slots=True)
class IsZero:
    """1 where an amount is 0, else 0."""

    amount: Amount


@dataclass(frozen=True, slots=True)
class Masked:
    """An amount where another is greater than 0, else 0."""

    amount: Amount
    condition: Amount


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each row of a table is looked up; ``tag`` names the table, ``part`` which of its sides this is."""

    tag: int
    part: int = 0


WeightRecipe = Weights | Biases | Multipliers | Column | Conditions
WitnessRecipe = (
    InputValue
    | Labels
    | NodeValue
    | Bits
    | Limbs
    | Greatest
    | Excess
    | Gathered
    | Leaf
    | Signed
    | Peak
    | IsPositive
    | IsZero
    | Masked
    | Counts
)
Recipe = WeightRecipe | WitnessRecipe
