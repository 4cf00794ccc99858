"""The example that proves a model's accuracy runs, and does not prove more than is true."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from lockstep.errors import ProofError

SCRIPT = Path(__file__).parents[3] / "examples" / "digits" / "prove_accuracy.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prove_accuracy", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_accuracy_is_proved_and_verified(
    example: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example.main(30, str(tmp_path / "accuracy.proof"))
    assert "is right about at least 30 of the 32 rows" in capsys.readouterr().out


def test_more_than_all_is_refused(example: ModuleType) -> None:
    with pytest.raises(ProofError, match="proof/public"):
        example.prove_accuracy(33)
