"""A run of the demo as it could have happened, for tests of what is made from a run."""

from lockstep.cli.demo.record import (
    DemoRun,
    ModelFacts,
    Move,
    Payment,
    Picture,
    Recomputed,
    Request,
    Step,
)
from lockstep.crypto.hashing import keccak256
from lockstep.types import Address, Amount, Digest

MILLI = 10**15


def digest(text: str) -> Digest:
    return keccak256(text.encode())


def picture(label: int) -> Picture:
    ring = [[((x - 3.5) ** 2 + (y - 3.5) ** 2 - 8) ** 2 < 30 for x in range(8)] for y in range(8)]
    pixels = tuple(tuple(0.9 if is_ink else 0.05 for is_ink in row) for row in ring)
    return Picture(pixels, label)


def move(phase: str, by: str, what: str, index: int | None, gas: int) -> Move:
    return Move(phase, by, what, index, digest(what + "a"), digest(what + "b"), gas)


def sample_run() -> DemoRun:
    contract = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
    honest = Request(
        job_id=digest("honest"),
        picture=picture(0),
        answered=0,
        delivered=0,
        verdict="upheld",
        paid_in=(Payment("consumer", "fee", Amount(10 * MILLI)), Payment("server", "bond", Amount(100 * MILLI))),
        paid_out=(Payment("server", "fee and bond", Amount(110 * MILLI)),),
    )
    cheat = Request(
        job_id=digest("cheat"),
        picture=picture(0),
        answered=3,
        delivered=0,
        verdict="rejected",
        paid_in=(
            Payment("consumer", "fee", Amount(10 * MILLI)),
            Payment("cheating server", "bond", Amount(100 * MILLI)),
            Payment("challenger", "bond", Amount(100 * MILLI)),
        ),
        paid_out=(
            Payment("consumer", "fee back", Amount(10 * MILLI)),
            Payment("challenger", "bond back, reward", Amount(150 * MILLI)),
            Payment("burnt", "half of the bond", Amount(50 * MILLI)),
        ),
    )
    steps = (
        Step("compile digits.onnx", "publisher", 0, 0.61, "set-up"),
        Step("deploy Bracket", "publisher", 4_812_345, 0.12, "set-up"),
        Step("request", "consumer", 98_120, 0.02, "honest"),
        Step("assert_result", "server", 71_002, 0.02, "honest"),
        Step("challenge", "challenger", 102_345, 0.02, "cheat"),
        Step("settle", "challenger", 171_002, 0.03, "cheat"),
    )
    match = (
        move("TRACE", "cheating server", "enter node 7", 7, 88_112),
        move("TILES", "challenger", "tile 1", 1, 61_230),
        move("REVEAL", "cheating server", "reveal the tile", None, 39_120),
        move("SETTLE", "challenger", "recompute", None, 171_002),
    )
    recomputed = Recomputed("conv2", 7, "CONV", (1, 8, 8, 16), 713, (0, 5, 4, 9), 74, 12, 144)
    lineage = (
        ("dataset", digest("dataset")),
        ("training script", digest("script")),
        ("ONNX", digest("onnx")),
    )
    return DemoRun(
        model=ModelFacts("digits", digest("model"), 4_210, 11, 98_304, lineage),
        contracts=(("Arbiter", contract), ("Bracket", contract)),
        steps=steps,
        honest=honest,
        cheat=cheat,
        match=match,
        recomputed=recomputed,
        seconds=23.4,
        chain="anvil 1.5.0, hardfork prague, with mainnet's limit of gas a transaction",
    )
