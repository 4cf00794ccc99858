"""The beacon on a real chain: the prevrandao of exactly the block that was named, and nothing else."""

import pytest

from lockstep.chain.bindings.beacon import Beacon
from lockstep.chain.header import encode_header, read_header
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.errors import ChainError, RevertError


@pytest.fixture
def beacon(rpc: Rpc, sender: Sender) -> Beacon:
    created = sender.send(Beacon.deploy(), key="beacon").contract_address
    assert created is not None
    return Beacon(created)


def test_a_header_shows_the_randomness_of_its_block(rpc: Rpc, beacon: Beacon) -> None:
    number = rpc.read_block().number
    rpc.call("evm_mine")
    header = read_header(rpc, number)
    assert rpc.read(beacon.value_of(number, header)).hex() == rpc.call("eth_getBlockByNumber", hex(number), False)[
        "mixHash"
    ].removeprefix("0x")


def test_other_headers_and_blocks_are_refused(rpc: Rpc, beacon: Beacon) -> None:
    number = rpc.read_block().number
    rpc.call("evm_mine")
    header = read_header(rpc, number)
    wrong = [header[:-1] + bytes([header[-1] ^ 1]), read_header(rpc, number - 1), b""]
    for evidence in wrong:
        with pytest.raises(RevertError, match="beacon/header"):
            rpc.read(beacon.value_of(number, evidence))
    with pytest.raises(RevertError, match="beacon/early"):
        rpc.read(beacon.value_of(number + 10, header))


def test_a_block_is_lost_after_256_more(rpc: Rpc, beacon: Beacon) -> None:
    number = rpc.read_block().number
    header = read_header(rpc, number)
    assert not rpc.read(beacon.is_lost(number))
    rpc.call("anvil_mine", hex(258))
    assert rpc.read(beacon.is_lost(number))
    with pytest.raises(RevertError, match="beacon/lost"):
        rpc.read(beacon.value_of(number, header))


def test_a_header_that_is_not_ethereums_is_refused(rpc: Rpc) -> None:
    block = rpc.call("eth_getBlockByNumber", "latest", False)
    with pytest.raises(ChainError, match="chain/header: the header has fields"):
        encode_header(block | {"gasUsed": "0x1234"})
    with pytest.raises(ChainError, match="chain/header: the block is unknown"):
        read_header(rpc, 10**9)
