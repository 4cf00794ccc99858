"""The commands of artifacts: `artifact put`, `get`, `serve` and `ls`."""

import os
import signal
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from lockstep.errors import ConfigError, StoreError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.node.artifacts import ArtifactServer
from lockstep.store.artifacts import Artifact, ArtifactStore
from lockstep.store.backends import DEFAULT_GATEWAY, FolderSource, open_source
from lockstep.store.chunks import Layout
from lockstep.store.peers import LARGEST_FETCH, Fetcher
from lockstep.types import Digest

DIGEST_DIGITS = 64
DEFAULT_LISTEN = "127.0.0.1:8646"

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="Folder of artifacts.", show_default="the home's artifacts")
]
GatewayOption = Annotated[str, typer.Option(envvar="LOCKSTEP_IPFS_GATEWAY", help="The IPFS gateway for ipfs:// peers.")]


def put(
    progress: Progress,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What is kept, each under its own root.")],
    to: Annotated[
        str | None, typer.Option(help="Copy it there too: a folder as fsspec names it, s3://bucket/prefix.")
    ] = None,
    store: StoreOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> Answer:
    """Keep files under their Merkle roots, and say the roots."""
    kept, documents, lines = open_store(store, home), [], []
    target = FolderSource(to) if to is not None else None
    for number, file in enumerate(files):
        progress(f"hashing {file}", number, len(files))
        data = file.read_bytes()
        if not data:
            raise StoreError("artifact/layout", "an empty file has no root", value=file)
        root = kept.put(data)
        if target is not None:
            progress(f"copying {file} to {to}", number, len(files))
            target.publish(root, kept.open(root))
        documents.append({"root": root, "size": len(data), "file": str(file)})
        lines.append(f"0x{root.hex()} {len(data)} {file}")
    return Answer({"ok": True, "artifacts": documents, "to": to}, tuple(lines))


def get(
    progress: Progress,
    root: Annotated[str, typer.Argument(metavar="ROOT", help="As `artifact put` printed it.")],
    output: Annotated[Path, typer.Option(help="The file that is written, whole or not at all.")],
    peer: Annotated[
        list[str] | None,
        typer.Option(
            help="Who is asked, in turn: http://host:port, s3://bucket/prefix, ipfs://CID, folder+https://host/path."
        ),
    ] = None,
    size: Annotated[int, typer.Option(help="Bytes, if you know them; else the peer says.", show_default=False)] = 0,
    largest: Annotated[int, typer.Option(help="Refuse more bytes than this.")] = LARGEST_FETCH,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    store: StoreOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> Answer:
    """Fetch an artifact by its root. Every chunk is checked as it comes; started again, it goes on where it was."""
    digest = parse_root(root)
    sources = [open_source(url, gateway=gateway) for url in peer or []]
    fetcher = Fetcher(open_store(store, home), sources, largest=largest)
    layout = Layout.of(size) if size else None
    artifact = fetcher.fetch(
        digest, layout, report=lambda done, total: progress("fetching chunks, each checked", done, total)
    )
    if size and artifact.layout.size != size:
        raise StoreError("artifact/layout", "the artifact here has another size", value=artifact.layout.size)
    _write_whole(artifact, output)
    lies = {name: str(found.error) for name, found in fetcher.misconduct.items()}
    document = {"ok": True, "root": digest, "size": artifact.layout.size, "output": str(output), "misconduct": lies}
    lines = (*(f"{name} lied: {why}" for name, why in lies.items()), f"wrote {output}, {artifact.layout.size} bytes")
    return Answer(document, lines)


def serve(
    progress: Progress,
    listen: Annotated[str, typer.Option(help="Host and port; other machines need 0.0.0.0.")] = DEFAULT_LISTEN,
    store: StoreOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> Answer:
    """Serve every artifact of the store to anybody who knows its root, until interrupted."""
    stopped = threading.Event()
    with ArtifactServer(listen, open_store(store, home)) as server:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        host = listen.rpartition(":")[0]
        progress(f"serving at http://{host}:{server.port}")
        stopped.wait()
    return Answer({"ok": True, "listen": listen}, ("stopped",))


def ls(store: StoreOption = None, home: HomeOption = DEFAULT_HOME) -> Answer:
    """List the artifacts that are here, and how large they are."""
    kept = open_store(store, home)
    found = [(root, kept.open(root).layout) for root in kept.roots()]
    documents = [{"root": root, "size": layout.size, "chunks": layout.chunk_count} for root, layout in found]
    rows = tuple((f"0x{root.hex()}", str(layout.size), str(layout.chunk_count)) for root, layout in found)
    lines = () if found else ("there are none",)
    return Answer(
        {"ok": True, "artifacts": documents}, lines, (Table(("root", "bytes", "chunks"), rows),) if rows else ()
    )


def parse_root(text: str) -> Digest:
    """A root in hexadecimal. Raises ``ConfigError`` ``artifact/root``."""
    digits = text.removeprefix("0x")
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    if len(digits) != DIGEST_DIGITS or not digest:
        raise ConfigError("artifact/root", "this is no root", value=text, remedy="give 0x and 64 hexadecimal digits")
    return Digest(digest)


def open_store(store: Path | None, home: Path) -> ArtifactStore:
    """The named folder, else that of the home."""
    return ArtifactStore(store or Place(home).artifacts)


def _write_whole(artifact: Artifact, output: Path) -> None:
    """Chunk by chunk, each checked again, into a file that is renamed at the end."""
    handle, temporary = tempfile.mkstemp(dir=output.absolute().parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in artifact.chunks():
                file.write(chunk.data)
        os.replace(temporary, output)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


COMMANDS = (
    Command(
        "artifact put",
        put,
        ("lockstep artifact put image.bin", "lockstep artifact put weights.bin --to s3://my-bucket/artifacts --json"),
    ),
    Command(
        "artifact get",
        get,
        (
            "lockstep artifact get 0x51f0… --output image.bin --peer http://node.example:8646",
            "lockstep artifact get 0x51f0… --output w.bin --peer s3://my-bucket/artifacts --peer ipfs://bafy…",
        ),
    ),
    Command("artifact serve", serve, ("lockstep artifact serve --listen 0.0.0.0:8646",)),
    Command("artifact ls", ls, ("lockstep artifact ls --json",)),
)
