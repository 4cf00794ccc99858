"""What every generated binding is made of: a binding builds calls as data, a connection runs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Self, TypeVar, cast

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from lockstep.chain.artifact import Artifact, load_artifact
from lockstep.errors import ChainError
from lockstep.types import Address, Amount, Digest

T = TypeVar("T")

NO_VALUE: Final = Amount(0)


@dataclass(frozen=True, slots=True)
class View(Generic[T]):
    """A read of chain state and the way to decode its answer."""

    to: Address
    data: bytes
    decode: Callable[[bytes], T]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A state change, ready to be signed. ``to`` is None for the creation of a contract."""

    to: Address | None
    data: bytes
    value: Amount = NO_VALUE


@dataclass(frozen=True, slots=True)
class Log:
    """A raw log and where it stands in the chain."""

    address: Address
    topics: tuple[Digest, ...]
    data: bytes
    block_number: int
    block_hash: Digest
    transaction_hash: Digest
    log_index: int


class Struct:
    """Base of generated structs."""

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        """The struct whose fields were decoded to ``raw``."""
        raise NotImplementedError


class Event:
    """Base of generated events. ``TYPES`` are ABI types, in the order of the fields."""

    SIGNATURE: ClassVar[str]
    TYPES: ClassVar[tuple[str, ...]]
    INDEXED: ClassVar[tuple[bool, ...]]

    @classmethod
    def topic(cls) -> Digest:
        """The first topic of this event's logs."""
        return Digest(bytes(keccak(text=cls.SIGNATURE)))

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        """The event whose arguments were decoded to ``raw``."""
        raise NotImplementedError

    @classmethod
    def from_log(cls, log: Log) -> Self:
        """The event that ``log`` carries; indexed strings and bytes are the hash that the log has of them."""
        kinds = list(zip(cls.TYPES, cls.INDEXED, strict=True))
        topics = iter(log.topics[1:])
        body = iter(_decoded([kind for kind, indexed in kinds if not indexed], log.data))
        return cls.from_abi(
            [_decoded([_topic_type(kind)], next(topics))[0] if indexed else next(body) for kind, indexed in kinds]
        )


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A decoded event with the log that it came from."""

    event: Event
    log: Log


@dataclass(frozen=True, slots=True)
class Binding:
    """One deployed contract."""

    address: Address

    ARTIFACT: ClassVar[Path]
    EVENTS: ClassVar[tuple[type[Event], ...]]

    @classmethod
    def artifact(cls) -> Artifact:
        """The compiled contract."""
        return load_artifact(cls.ARTIFACT)

    def find_event(self, log: Log) -> Event | None:
        """The event in ``log``, or None when another contract wrote it or it is not an event of this one."""
        if log.address != self.address or not log.topics:
            return None
        event = next((event for event in self.EVENTS if event.topic() == log.topics[0]), None)
        return event.from_log(log) if event else None

    def _view(
        self,
        function: str,
        argument_types: tuple[str, ...],
        arguments: Sequence[object],
        result_types: tuple[str, ...],
        build: Callable[[Any], T],
    ) -> View[T]:
        data = _calldata(function, argument_types, arguments)
        return View(self.address, data, lambda raw: build(_decoded(result_types, raw)))

    def _transaction(
        self,
        function: str,
        argument_types: tuple[str, ...],
        arguments: Sequence[object],
        value: Amount = NO_VALUE,
    ) -> Transaction:
        return Transaction(self.address, _calldata(function, argument_types, arguments), value)

    @classmethod
    def _creation(
        cls, argument_types: tuple[str, ...], arguments: Sequence[object], value: Amount = NO_VALUE
    ) -> Transaction:
        data = cls.artifact().creation + _encoded(cls.__name__, argument_types, arguments)
        return Transaction(None, data, value)


def find_events(logs: Sequence[Log], bindings: Sequence[Binding]) -> tuple[LoggedEvent, ...]:
    """Every event of the given contracts among ``logs``, in order."""
    by_address = {binding.address: binding for binding in bindings}
    found = ((log, by_address[log.address].find_event(log)) for log in logs if log.address in by_address)
    return tuple(LoggedEvent(event, log) for log, event in found if event is not None)


def checksum(raw: str) -> Address:
    """The address that a node or the ABI decoder gave, in checksum form."""
    return Address(str(to_checksum_address(raw)))


def selector(signature: str) -> bytes:
    """First four bytes of a function signature's hash."""
    return bytes(keccak(text=signature)[:4])


def _calldata(function: str, argument_types: tuple[str, ...], arguments: Sequence[object]) -> bytes:
    signature = f"{function}({','.join(argument_types)})"
    return selector(signature) + _encoded(function, argument_types, arguments)


def _encoded(function: str, types: tuple[str, ...], arguments: Sequence[object]) -> bytes:
    try:
        return abi_encode(types, [_plain(argument) for argument in arguments])
    except EncodingError as error:
        raise ChainError("chain/argument", f"an argument of {function} does not fit its type", value=error) from error


def _decoded(types: Sequence[str], raw: bytes) -> tuple[Any, ...]:
    try:
        return abi_decode(types, raw)
    except DecodingError as error:
        raise ChainError(
            "chain/undecodable",
            "the answer is not what the contract would give",
            value=error,
            remedy="check that the deployment file belongs to this chain",
        ) from error


def _plain(value: object) -> object:
    """Structs as tuples of their fields, all the way down, for the encoder."""
    if is_dataclass(value):
        return tuple(_plain(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast(Sequence[object], value)]
    return value


def _topic_type(kind: str) -> str:
    is_hashed = kind in ("bytes", "string") or kind.endswith("]") or kind.startswith("(")
    return "bytes32" if is_hashed else kind
