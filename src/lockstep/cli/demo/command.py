"""`lockstep demo`: plays the main job from end to end and tells what happened."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.cli.demo.drawings import format_ether
from lockstep.cli.demo.example import load_example
from lockstep.cli.demo.page import write_page
from lockstep.cli.demo.record import DemoRun, Request
from lockstep.cli.demo.scenario import run_demo
from lockstep.features.command import Answer, Command, Progress, Table


def demo(
    progress: Progress,
    page: Annotated[Path, typer.Option(help="Where to write the page of the run.")] = Path("lockstep-demo.html"),
) -> Answer:
    """Compile a model, ask it through a contract, and let one of two servers cheat.

    A private chain is started for it and ends with it. Takes well under a minute.
    """
    run = run_demo(load_example(), progress)
    written = write_page(run, page)
    lines = (*_story(run), f"the page of this run: {written.resolve()}")
    return Answer(document(run, written), lines, _tables(run), status=0 if run.ok else 1)


def document(run: DemoRun, page: Path) -> dict[str, object]:
    """The run as one JSON document."""
    return {
        "ok": run.ok,
        "seconds": round(run.seconds, 3),
        "steps": [
            {"name": s.name, "gas": s.gas, "seconds": round(s.seconds, 4), "by": s.by, "part": s.part}
            for s in run.steps
        ],
        "honest": {"verdict": run.honest.verdict, "paid_wei": _paid_to(run.honest, "honest server")}
        | _answers(run.honest),
        "cheat": {
            "verdict": run.cheat.verdict,
            "slashed_wei": _slashed(run.cheat),
            "moves": len(run.match),
            "claimed": run.recomputed.claimed,
            "computed": run.recomputed.computed,
            "node": run.recomputed.node,
            "element": run.recomputed.element,
            "reward_wei": _paid_to(run.cheat, "challenger"),
            "match_gas": run.dispute_gas,
        }
        | _answers(run.cheat),
        "model_id": run.model.model_id,
        "page": str(page),
    }


def _answers(request: Request) -> dict[str, object]:
    return {"label": request.picture.label, "answered": request.answered, "delivered": request.delivered}


def _paid_to(request: Request, party: str) -> int:
    """What a party got beyond what it had put in."""
    got = sum(payment.wei for payment in request.paid_out if payment.party == party)
    return got - sum(payment.wei for payment in request.paid_in if payment.party == party)


def _slashed(request: Request) -> int:
    return -_paid_to(request, "cheating server")


def _story(run: DemoRun) -> tuple[str, ...]:
    number, honest, cheat = run.recomputed, run.honest, run.cheat
    place = ", ".join(map(str, number.coordinates))
    return (
        "",
        f"Honest answer: {honest.answered} for a picture of a {honest.picture.label}, final after its window. "
        f"The server earned {format_ether(_paid_to(honest, 'honest server'))}. "
        f"The consumer contract holds {honest.delivered}.",
        f"False answer: {cheat.answered} for a picture of a {cheat.picture.label}, {cheat.verdict} in "
        f"{len(run.match)} moves with {run.dispute_gas:,} gas. "
        f"The cheating server lost {format_ether(_slashed(cheat))}, "
        f"the challenger earned {format_ether(_paid_to(cheat, 'challenger'))}. "
        f"The consumer contract holds {cheat.delivered}, and has its fee again.",
        f"The one number: {number.opcode} node {number.node}, element [{place}]: claimed {number.claimed}, "
        f"the contract computed {number.computed}.",
        f"{run.seconds:.1f} s from the ONNX file to the verdicts.",
    )


def _tables(run: DemoRun) -> tuple[Table, ...]:
    steps = tuple(
        (step.part, step.name, step.by, f"{step.gas:,}" if step.gas else "", f"{step.seconds:.2f}")
        for step in run.steps
    )
    return (
        Table(("part", "step", "by", "gas", "seconds"), steps),
        *(_money(name, request) for name, request in (("honest job", run.honest), ("disputed job", run.cheat))),
    )


def _money(name: str, request: Request) -> Table:
    rows = [("in", p.party, p.reason, format_ether(p.wei)) for p in request.paid_in]
    rows += [("out", p.party, p.reason, format_ether(p.wei)) for p in request.paid_out]
    return Table(("money", "party", "reason", "amount"), tuple(rows), title=name)


COMMANDS = (Command("demo", demo, ("lockstep demo", "lockstep demo --json --page run.html")),)
