"""A model id names one model for ever; what a publisher says is bound to the publisher and said once."""

import boa
import pytest

from lockstep.crypto.hashing import keccak256
from lockstep.types import Digest
from tests.contracts.bracket_machine.alphabet import Alphabet, Shape
from tests.contracts.bracket_machine.world import Contracts

MODEL = Alphabet((Shape(3, 8), Shape(3, 8)), 1, 1)
DATASET, MODEL_KIND, BOTH = 1, 2, 3


def header(version: int = 1, nodes: int = 2, inputs: int = 1, outputs: int = 1, tail: int = 0) -> bytes:
    fields = ((version, 2), (nodes, 4), (inputs, 2), (outputs, 2), (0, 8), (tail, 14))
    return b"".join(value.to_bytes(size, "big") for value, size in fields)


def test_a_model_id_is_the_one_that_python_computes(trunk: Contracts) -> None:
    name = trunk.artifacts.register_model(MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    (event,) = trunk.artifacts.get_logs()
    assert name == MODEL.model_id == event.model_id
    assert event.descriptors_root == MODEL.descriptors.root
    assert tuple(trunk.artifacts.model_of(name)) == (MODEL.header, MODEL.descriptors.root, bytes(32))
    assert trunk.artifacts.header_of(name) == MODEL.header


def test_a_model_is_registered_once_whoever_does_it(trunk: Contracts, people: dict[str, str]) -> None:
    words = (MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    trunk.artifacts.register_model(*words, sender=people["claimant"])
    with boa.reverts("model/already-done"):
        trunk.artifacts.register_model(*words, sender=people["challenger"])


def test_every_word_is_part_of_the_name(trunk: Contracts) -> None:
    words = [MODEL.header, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32]
    names = {trunk.artifacts.register_model(*words)}
    for position, changed in ((0, header(nodes=3)), (1, bytes(32)), (2, bytes(32)), (3, bytes(32))):
        names.add(trunk.artifacts.register_model(*words[:position], changed, *words[position + 1 :]))
    assert len(names) == 5


@pytest.mark.parametrize(
    "wrong",
    [header(version=2), header(inputs=0), header(outputs=0), header(outputs=3), header(tail=1)],
    ids=["version", "no input", "no output", "more outputs than nodes", "bytes after the end"],
)
def test_a_header_that_no_model_has_is_refused(trunk: Contracts, wrong: bytes) -> None:
    with boa.reverts("model/header"):
        trunk.artifacts.register_model(wrong, bytes(32), bytes(32), bytes(32))


def test_a_record_is_bound_to_its_publisher_and_written_once(trunk: Contracts, people: dict[str, str]) -> None:
    root, parents = b"\x07" * 32, [b"\x08" * 32]
    said = (root, MODEL_KIND, parents, b"\x09" * 32, "ipfs://model")
    name = trunk.artifacts.register(*said, sender=people["claimant"])
    (event,) = trunk.artifacts.get_logs()
    assert name == keccak256(root, bytes(12), bytes.fromhex(people["claimant"][2:]))
    assert (event.publisher, event.parents, event.uri) == (people["claimant"], parents, "ipfs://model")
    assert trunk.artifacts.record_of(name) != bytes(32)
    with boa.reverts("artifact/already-done"):
        trunk.artifacts.register(root, DATASET, [], bytes(32), "", sender=people["claimant"])
    other = trunk.artifacts.register(root, DATASET, [], bytes(32), "", sender=people["challenger"])
    assert other != name
    assert trunk.artifacts.record_of(other) != trunk.artifacts.record_of(Digest(name))


@pytest.mark.parametrize("kind", [0, BOTH])
def test_an_artifact_is_one_thing(trunk: Contracts, kind: int) -> None:
    with boa.reverts("artifact/kind"):
        trunk.artifacts.register(b"\x07" * 32, kind, [], bytes(32), "")
