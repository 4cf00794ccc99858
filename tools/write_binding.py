"""Turns the Vyper compiler's types into Python source: structs, flags, events and methods."""

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vyper.semantics.types import (
    AddressT,
    BoolT,
    BytesM_T,
    BytesT,
    DArrayT,
    FlagT,
    IntegerT,
    InterfaceT,
    SArrayT,
    StringT,
    StructT,
    TupleT,
)

SHARED = "shared"
HEADER = '"""{title}; written by tools/generate_bindings.py, do not edit."""\n# ruff: noqa\n'
IMPORTS = """
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
"""
# Names that the generated module itself uses.
TAKEN = frozenset(re.findall(r"\b[A-Z]\w+", IMPORTS)) | {"self", "cls"}
# Names that every binding has.
MEMBERS = frozenset({"address", "artifact", "deploy", "find_event"})


@dataclass(frozen=True)
class Definition:
    """The source of one type, and the types that it names."""

    source: str
    uses: frozenset[str]


@dataclass
class Unit:
    """One contract: the types that it names and the body of its class."""

    contract: str
    source: str
    definitions: dict[str, Definition] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    @property
    def module(self) -> str:
        """The module's name: StepsLinear becomes steps_linear."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.contract).lower()

    @classmethod
    def of(cls, path: Path, root: Path, module: Any) -> "Unit":
        """Everything that the contract at ``path`` exposes, in a stable order."""
        unit = cls(path.stem, path.relative_to(root).as_posix())
        unit.body.append(unit._constructor(module.init_function))
        for function in sorted(module.exposed_functions, key=lambda function: str(function.name)):
            if not (function.is_fallback or function.is_constructor):
                unit.body.append(unit._method(function))
        unit.events = [unit._event(event) for event in sorted(module.used_events, key=lambda event: str(event.name))]
        return unit

    def annotation(self, kind: Any, *, is_argument: bool = False) -> str:
        """The Python type of a Vyper type. Arguments may be any sequence, results are tuples."""
        match kind:
            case BoolT():
                return "bool"
            case AddressT() | InterfaceT():
                return "Address"
            case IntegerT():
                return "int"
            case BytesM_T():
                return "Digest" if kind.m == 32 else "bytes"
            case BytesT():
                return "bytes"
            case StringT():
                return "str"
            case DArrayT() | SArrayT():
                item = self.annotation(kind.value_type, is_argument=is_argument)
                return f"Sequence[{item}]" if is_argument else f"tuple[{item}, ...]"
            case TupleT():
                return f"tuple[{', '.join(self.annotation(member) for member in kind.member_types)}]"
            case FlagT():
                return self._flag(kind)
            case StructT():
                return self._struct(kind)
        raise SystemExit(f"{self.contract}: no Python type for {kind!r}")

    def build(self, kind: Any, raw: str) -> str:
        """An expression that turns the decoded value ``raw`` into the annotated type."""
        match kind:
            case FlagT() | StructT():
                name = self.annotation(kind)
                return f"{name}({raw})" if isinstance(kind, FlagT) else f"{name}.from_abi({raw})"
            case AddressT() | InterfaceT():
                return f"checksum({raw})"
            case DArrayT() | SArrayT():
                item = self.build(kind.value_type, "item")
                return f"tuple({raw})" if item == "item" else f"tuple({item} for item in {raw})"
            case TupleT():
                return _tuple(self.build(member, f"{raw}[{index}]") for index, member in enumerate(kind.member_types))
            case BytesM_T() if kind.m == 32:
                return f"Digest({raw})"
        return raw

    def _flag(self, kind: Any) -> str:
        members = "\n".join(f"    {name} = {1 << bit}" for name, bit in kind._flag_members.items())
        return self._define(str(kind._id), f"class {kind._id}(IntFlag):\n{_doc('A set', kind._id)}{members}\n", ())

    def _struct(self, kind: Any) -> str:
        head = f"@dataclass(frozen=True, slots=True)\nclass {kind._id}(Struct):\n{_doc('Struct', kind._id)}"
        return self._record(str(kind._id), head, kind.members)

    def _event(self, kind: Any) -> str:
        types = _tuple(repr(_abi(member)) for member in kind.arguments.values())
        indexed = _tuple(str(flag) for flag in kind.indexed)
        head = (
            f"@dataclass(frozen=True, slots=True)\nclass {kind.name}(Event):\n{_doc('Event', kind.name)}"
            f'    SIGNATURE: ClassVar[str] = "{kind.signature}"\n'
            f"    TYPES: ClassVar[tuple[str, ...]] = {types}\n"
            f"    INDEXED: ClassVar[tuple[bool, ...]] = {indexed}\n"
        )
        members = {
            name: BytesM_T(32)
            if flag and isinstance(member, BytesT | StringT | DArrayT | SArrayT | StructT)
            else member
            for (name, member), flag in zip(kind.arguments.items(), kind.indexed, strict=True)
        }
        return self._record(str(kind.name), head, members)

    def _record(self, name: str, head: str, members: dict[str, Any]) -> str:
        fields = "".join(f"    {_safe(member)}: {self.annotation(kind)}\n" for member, kind in members.items())
        values = ", ".join(self.build(kind, f"raw[{index}]") for index, kind in enumerate(members.values()))
        build = f"    @classmethod\n    def from_abi(cls, raw: Any) -> Self:\n        return cls({values})\n"
        return self._define(name, f"{head}{fields}\n{build}", tuple(members.values()))

    def _define(self, name: str, source: str, members: tuple[Any, ...]) -> str:
        if name in TAKEN or name == self.contract:
            raise SystemExit(f"{self.contract}: a type cannot be called {name}")
        definition = Definition(source, frozenset(named for member in members for named in _named(member)))
        if self.definitions.setdefault(name, definition) != definition:
            raise SystemExit(f"{self.contract}: {name} has two definitions")
        return name

    def _constructor(self, function: Any) -> str:
        arguments = list(function.arguments) if function else []
        is_payable = bool(function and function.is_payable)
        names, parameters, types = self._parameters(arguments)
        return (
            f"    @classmethod\n    def deploy(cls{parameters}{_value_parameter(is_payable)}) -> Transaction:\n"
            f'        """The creation of a new {self.contract}."""\n'
            f"        return cls._creation({types}, {names}{', value' if is_payable else ''})\n"
        )

    def _method(self, function: Any) -> str:
        names, parameters, types = self._parameters(list(function.arguments))
        name = _safe(str(function.name), MEMBERS)
        call = f'"{function.name}", {types}, {names}'
        if function.is_mutable:
            value = ", value" if function.is_payable else ""
            return (
                f"    def {name}(self{parameters}{_value_parameter(function.is_payable)}) -> Transaction:\n"
                f"        return self._transaction({call}{value})\n"
            )
        result = function.return_type
        results = [] if result is None else list(result.member_types) if isinstance(result, TupleT) else [result]
        returned = "None" if result is None else self.annotation(result)
        build = "None" if result is None else self.build(result, "raw" if isinstance(result, TupleT) else "raw[0]")
        result_types = _tuple(repr(_abi(kind)) for kind in results)
        return (
            f"    def {name}(self{parameters}) -> View[{returned}]:\n"
            f"        return self._view({call}, {result_types}, lambda raw: {build})\n"
        )

    def _parameters(self, arguments: list[Any]) -> tuple[str, str, str]:
        named = [(_safe(_argument(str(item.name), len(arguments))), item.typ) for item in arguments]
        parameters = "".join(f", {name}: {self.annotation(kind, is_argument=True)}" for name, kind in named)
        return _tuple(name for name, _ in named), parameters, _tuple(repr(_abi(kind)) for _, kind in named)


def write_unit(unit: Unit, shared: dict[str, Definition]) -> str:
    """The module of one contract."""
    local = {name: definition for name, definition in unit.definitions.items() if name not in shared}
    borrowed = sorted(name for name in unit.definitions if name in shared)
    borrow = f"from .{SHARED} import {', '.join(borrowed)}\n" if borrowed else ""
    body = (
        f"@dataclass(frozen=True, slots=True)\nclass {unit.contract}(Binding):\n"
        f"{_doc('The deployed contract', unit.contract)}"
        f'    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "{unit.contract}.json"\n'
        f"    EVENTS: ClassVar[tuple[type[Event], ...]] = {_tuple(unit.events)}\n\n" + "\n".join(unit.body)
    )
    title = HEADER.format(title=f"The client of {unit.source}")
    return "\n\n".join([title + IMPORTS + borrow, *_sources(local), body])


def write_shared(shared: dict[str, Definition]) -> str:
    """The module of the types that several contracts name."""
    return "\n\n".join([HEADER.format(title="Types that several contracts name") + IMPORTS, *_sources(shared)])


def _sources(definitions: dict[str, Definition]) -> list[str]:
    """By name, but what a type uses comes before it."""
    ordered: dict[str, str] = {}

    def visit(name: str) -> None:
        for used in sorted(definitions[name].uses):
            if used in definitions and used not in ordered:
                visit(used)
        ordered.setdefault(name, definitions[name].source)

    for name in sorted(definitions):
        visit(name)
    return list(ordered.values())


def _named(kind: Any) -> list[str]:
    if isinstance(kind, DArrayT | SArrayT):
        return _named(kind.value_type)
    return [str(kind._id)] if isinstance(kind, StructT | FlagT) else []


def _abi(kind: Any) -> str:
    return str(kind.abi_type.selector_name())


def _argument(name: str, count: int) -> str:
    """Getters of public mappings have arguments called arg0, arg1 …: those are keys."""
    number = re.fullmatch(r"arg(\d+)", name)
    return name if number is None else "key" if count == 1 else f"key{number[1]}"


def _safe(name: str, others: frozenset[str] = frozenset()) -> str:
    return name + "_" if keyword.iskeyword(name) or name in TAKEN | others else name


def _value_parameter(is_payable: bool) -> str:
    return ", *, value: Amount = NO_VALUE" if is_payable else ""


def _tuple(items: Iterable[str]) -> str:
    listed = list(items)
    return f"({listed[0]},)" if len(listed) == 1 else f"({', '.join(listed)})"


def _doc(what: str, name: str) -> str:
    return f'    """{what} ``{name}``."""\n\n'
