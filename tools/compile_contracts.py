"""Compiles the contracts in-process, so that bindings come from the compiler's own types and not from ABI JSON."""

import json
import sys
from pathlib import Path
from typing import Any

import vyper
from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
from vyper.compiler.output import build_abi_output, build_layout_output, build_settings_output
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings, anchor_settings

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
        content: dict[str, Any] = {
            "contract": path.stem,
            "source_digest": source_digest(data),
            "settings": build_settings_output(data),
            "runtime_bytes": len(data.bytecode_runtime),
            "abi": build_abi_output(data),
            "storage_layout": build_layout_output(data),
            "creation": "0x" + data.bytecode.hex(),
            "runtime": "0x" + data.bytecode_runtime.hex(),
        }
    return json.dumps(content, indent=1, default=str) + "\n"
