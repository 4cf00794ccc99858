"""The page of a run: one HTML file with everything in it, for light and for dark."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from lockstep.cli.demo.drawings import (
    draw_descent,
    draw_money,
    draw_picture,
    format_ether,
)
from lockstep.cli.demo.record import DemoRun, Request


def render_page(run: DemoRun) -> str:
    """The page as text. Everything that did not come from us is escaped by the template."""
    environment = Environment(
        loader=PackageLoader("lockstep.cli.demo", "."),
        autoescape=select_autoescape(["jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "ether": format_ether,
        "short": _short,
        "figure": lambda value: f"{value:,}",
    }
    environment.globals |= {
        "picture": lambda request: Markup(draw_picture(request.picture)),
        "money": lambda request: Markup(draw_money(request.paid_in, request.paid_out)),
        "descent": lambda: Markup(draw_descent(run.match, run.recomputed)),
        "outcome": _outcome,
    }
    most_gas = {part: max(step.gas for step in run.steps if step.part == part) or 1 for part in _parts(run)}
    return environment.get_template("page.html.jinja").render(run=run, most_gas=most_gas)


def _parts(run: DemoRun) -> set[str]:
    return {step.part for step in run.steps}


def write_page(run: DemoRun, path: Path) -> Path:
    """Write the page whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(render_page(run), encoding="utf-8")
    unfinished.replace(path)
    return path


def _outcome(request: Request) -> str:
    if request.delivered is None:
        return "nothing was delivered"
    return f"the consumer contract holds {request.delivered}"


def _short(digest: bytes | str) -> str:
    text = digest if isinstance(digest, str) else "0x" + digest.hex()
    return text[:8] + "…" + text[-6:]
