"""Generated clients carry every type to a real chain and back, and follow the contracts."""

import subprocess
import sys
from pathlib import Path

import pytest
from chain_world import KEPT
from fixture_chain.bindings.other import Other
from fixture_chain.bindings.shapes import Counted, Grown, Pair, Phase, Polygon, Shapes
from fixture_chain.bindings.shared import Point

from lockstep.chain.binding import Log
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.crypto.hashing import keccak256
from lockstep.errors import ChainError, RevertError
from lockstep.types import ZERO_DIGEST, Address, Amount, Digest

REPOSITORY = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
SOMEBODY = Address("0x00000000000000000000000000000000DeaDBeef")


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPOSITORY / "tools" / "generate_bindings.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_struct_given_to_the_constructor_comes_back(rpc: Rpc, shapes: Shapes) -> None:
    assert rpc.read(shapes.kept()) == KEPT
    assert rpc.read(shapes.phase()) is Phase.CLOSED


def test_nested_structs_arrays_flags_and_tuples_come_back(rpc: Rpc, shapes: Shapes) -> None:
    points = (Point(-(2**255), SOMEBODY), Point(2**255 - 1, SOMEBODY))
    polygon = Polygon(points, (0, 1, 2**256 - 1), Phase.OPEN | Phase.VOID, b"\x00" * 100, b"abcd", Digest(b"\xff" * 32))
    pair = Pair(polygon, ZERO_DIGEST)
    answer = rpc.read(shapes.echo(pair, [True, False], [[1, 2], [3, 4]]))
    assert answer == (pair, (True, False), ((1, 2), (3, 4)), "text")


def test_struct_of_two_contracts_is_one_type(rpc: Rpc, sender: Sender) -> None:
    created = sender.send(Other.deploy(SOMEBODY), key="other").contract_address
    assert created is not None
    other = Other(created)
    assert rpc.read(other.first([Point(7, SOMEBODY)])) == Point(7, SOMEBODY)
    assert rpc.read(other.PARTNER()) == SOMEBODY


def test_events_are_decoded_with_indexed_strings_as_their_hash(sender: Sender, shapes: Shapes) -> None:
    grown = sender.send(shapes.grow(ZERO_DIGEST, [Point(1, SOMEBODY)]), key="grow").events(shapes)
    assert [logged.event for logged in grown] == [Grown(ZERO_DIGEST, keccak256(b"label"), (Point(1, SOMEBODY),))]
    count = sender.rpc.read(shapes.count())
    counted = sender.send(shapes.increment(5, 9, value=Amount(3)), key="count")
    assert [logged.event for logged in counted.events(shapes)] == [Counted(count + 5, sender.address, Phase.CLOSED)]
    assert sender.rpc.read(shapes.balances(sender.address, 9)) == 3


def test_log_of_another_contract_is_not_decoded(shapes: Shapes) -> None:
    log = Log(SOMEBODY, (Counted.topic(),), b"", 1, ZERO_DIGEST, ZERO_DIGEST, 0)
    assert shapes.find_event(log) is None


def test_view_that_reverts_gives_the_contracts_own_code(rpc: Rpc, shapes: Shapes) -> None:
    rpc.read(shapes.check(True))
    with pytest.raises(RevertError) as caught:
        rpc.read(shapes.check(False))
    assert str(caught.value) == "shape/wrong: the contract refused"


def test_argument_that_does_not_fit_is_refused_before_the_chain(shapes: Shapes) -> None:
    with pytest.raises(ChainError, match="chain/argument: an argument of increment does not fit its type"):
        shapes.increment(-1, 0)


def test_answer_of_an_account_without_code_is_undecodable(rpc: Rpc) -> None:
    with pytest.raises(ChainError, match="chain/undecodable"):
        rpc.read(Shapes(SOMEBODY).count())


@pytest.mark.parametrize(
    "arguments", [("--contracts", str(FIXTURES / "contracts"), "--target", str(FIXTURES / "fixture_chain")), ()]
)
def test_generated_files_match_the_contracts(arguments: tuple[str, ...]) -> None:
    result = generate("--check", *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_changed_contract_and_deleted_contract_are_reported(tmp_path: Path) -> None:
    contracts, target = tmp_path / "contracts", tmp_path / "target"
    contracts.mkdir()
    source = "# pragma version ==0.4.3\ncount: public(uint256)\n"
    (contracts / "One.vy").write_text(source)
    (contracts / "Two.vy").write_text(source)
    places = ("--contracts", str(contracts), "--target", str(target))
    assert generate(*places).returncode == 0
    assert generate("--check", *places).returncode == 0
    (contracts / "One.vy").write_text(source + "total: public(uint256)\n")
    (contracts / "Two.vy").unlink()
    result = generate("--check", *places)
    assert result.returncode == 1
    assert "+    def total(self) -> View[int]:" in result.stdout
    assert "two.py: its contract is gone" in result.stdout


def test_broken_contract_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "Broken.vy").write_text("# pragma version ==0.4.3\ncount: public(unknown)\n")
    result = generate("--contracts", str(tmp_path), "--target", str(tmp_path / "target"))
    assert result.returncode == 1
    assert "does not compile, nothing was written" in result.stderr
    assert not (tmp_path / "target").exists()
