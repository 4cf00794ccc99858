"""Compiles the contracts in-process, so that bindings come from the compiler's own types and not from ABI JSON."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import vyper
from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
from vyper.compiler.output import build_abi_output, build_layout_output, build_settings_output
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings, anchor_settings
from vyper.ir.compile_ir import RuntimeHeader, assembly_to_evm

CONTRACT_PATTERN = "[A-Z]*.vy"


def load_contract(path: Path) -> CompilerData:
    """The compiler's view of one contract. Imports are relative to the file, or installed packages (snekmate)."""
    bundle = FilesystemInputBundle([*(Path(entry) for entry in reversed(sys.path)), path.resolve().parent])
    source = bundle.load_file(path.resolve())
    assert isinstance(source, FileInput)
    return CompilerData(source, input_bundle=bundle, settings=Settings())


def source_digest(data: CompilerData) -> str:
    """Changes with the compiler, the contract, or anything that the contract imports."""
    return f"{vyper.__version__}:{data.integrity_sum}"


def describe(path: Path, data: CompilerData) -> str:
    """The artifact file: everything about the compiled contract that its users need. The same source, the same text."""
    with anchor_settings(data.settings):
        creation, runtime = _bytecode(data)
        content: dict[str, Any] = {
            "contract": path.stem,
            "source_digest": source_digest(data),
            "settings": build_settings_output(data),
            "runtime_bytes": len(runtime),
            "abi": build_abi_output(data),
            "storage_layout": _without_paths(build_layout_output(data)),
            "creation": "0x" + creation.hex(),
            "runtime": "0x" + runtime.hex(),
        }
    return json.dumps(content, indent=1, default=str) + "\n"


def _bytecode(data: CompilerData) -> tuple[bytes, bytes]:
    """Creation code, and the runtime code that is in it.

    Not `data.bytecode_runtime`: Venom's passes change what they compile, so a second output is another program.
    """
    creation = data.bytecode
    embedded = next(item for item in data.assembly if isinstance(item, list) and isinstance(item[0], RuntimeHeader))
    runtime, _ = assembly_to_evm(embedded[1:])
    if runtime not in creation:
        raise SystemExit(f"{data.contract_path}: the creation code does not hold the runtime code")
    return creation, runtime


def _without_paths(layout: Any) -> Any:
    """Types of interfaces are printed as the path of their file, which depends on where the compiler runs."""
    if isinstance(layout, dict):
        return {name: _without_paths(value) for name, value in layout.items()}
    return re.sub(r"[^\s\[\](),]*?(\w+)\.vyi?\b", r"\1", layout) if isinstance(layout, str) else layout
