"""The demo's page: complete, self-contained, and safe to show whatever the names say."""

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

from demo_sample import sample_run

from lockstep.cli.demo.drawings import format_ether
from lockstep.cli.demo.page import render_page, write_page

VOID_ELEMENTS = {"meta", "br", "img", "link", "input"}


class Balance(HTMLParser):
    """Counts what is opened and not closed, and collects addresses that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_balanced_and_fetches_nothing() -> None:
    parser = Balance()
    parser.feed(render_page(sample_run()))
    assert parser.open == []
    assert parser.fetched == []


def test_page_shows_every_figure_of_the_run() -> None:
    run = sample_run()
    page = render_page(run)
    text = re.sub(r"\s+", " ", page)
    for step in run.steps:
        assert step.name in text
        assert not step.gas or f"{step.gas:,}" in text
    for payment in (*run.honest.paid_in, *run.honest.paid_out, *run.cheat.paid_in, *run.cheat.paid_out):
        assert f"{payment.reason}, {format_ether(payment.wei)}" in text
    for move in run.match:
        assert move.index is None or move.what in text
    assert f"<b>{run.recomputed.claimed}</b>" in text
    assert f"<b>{run.recomputed.computed}</b>" in text
    assert "0x" + run.model.model_id.hex() in text


def test_names_from_a_model_cannot_inject() -> None:
    run = sample_run()
    hostile = dataclasses.replace(run, recomputed=dataclasses.replace(run.recomputed, node="<script>alert(1)</script>"))
    assert "<script" not in render_page(hostile)


def test_page_is_written_whole(tmp_path: Path) -> None:
    path = write_page(sample_run(), tmp_path / "deep" / "run.html")
    assert [entry.name for entry in path.parent.iterdir()] == ["run.html"]
    assert path.read_text(encoding="utf-8") == render_page(sample_run())


def test_ether_is_shown_without_trailing_zeros() -> None:
    assert [format_ether(wei) for wei in (10**18, 10**17, 123_456 * 10**12, 0)] == [
        "1 ETH",
        "0.1 ETH",
        "0.123456 ETH",
        "0 ETH",
    ]
