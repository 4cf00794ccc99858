"""`lockstep node init`: a configuration that can be used as it is, and a key that nobody else can read."""

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lockstep.chain.account import load_keystore
from lockstep.cli.main import app
from lockstep.node.config import NodeConfig, RoleName, read_config

PASSWORD = {"LOCKSTEP_KEYSTORE_PASSWORD": "open sesame"}


def init(*arguments: object, environment: dict[str, str] | None = None) -> tuple[int, dict[str, object]]:
    words = ["node", "init", *map(str, arguments), "--json"]
    result = CliRunner().invoke(app, words, env={"LOCKSTEP_KEYSTORE_PASSWORD": None, **(environment or {})})
    document: dict[str, object] = json.loads(result.stdout)
    return result.exit_code, document


def test_folder_with_configuration_and_keystore(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "node"
    status, document = init(folder, environment=PASSWORD)
    assert status == 0
    keystore = folder / "keystore.json"
    assert stat.S_IMODE(keystore.stat().st_mode) == 0o600
    assert load_keystore(keystore, "open sesame").address == document["address"]
    config = read_config(folder / "lockstep-node.toml")
    assert (config.keystore, config.listen, config.password_file) == (keystore, "127.0.0.1:9464", None)
    assert config.roles == (RoleName.CHALLENGER,)
    assert "open sesame" not in (folder / "lockstep-node.toml").read_text()

    before = {path: path.read_bytes() for path in folder.iterdir()}
    status, document = init(folder, environment=PASSWORD)
    assert (status, document["error"]["code"]) == (1, "config/exists")  # type: ignore[index]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_local_node_has_no_key_of_its_own(tmp_path: Path) -> None:
    status, document = init("--local", tmp_path)
    assert (status, list(tmp_path.iterdir())) == (0, [tmp_path / "lockstep-node.toml"])
    assert read_config(Path(str(document["config"]))) == NodeConfig(roles=(RoleName.CHALLENGER,))


@pytest.mark.parametrize("mode", [None, 0o644])
def test_without_a_private_password_nothing_is_written(tmp_path: Path, mode: int | None) -> None:
    folder, file = tmp_path / "node", tmp_path / "password"
    options: list[object] = []
    if mode is not None:
        file.write_text("open sesame")
        file.chmod(mode)
        options = ["--password-file", file]
    status, document = init(folder, *options)
    code = "account/password" if mode is None else "account/permissions"
    assert (status, document["error"]["code"]) == (1, code)  # type: ignore[index]
    assert not folder.exists()


def doctor(config: Path) -> tuple[int, dict[str, dict[str, object]]]:
    result = CliRunner().invoke(app, ["doctor", "--config", str(config), "--json"], env=PASSWORD)
    checks = json.loads(result.stdout)["checks"]
    return result.exit_code, {check["name"]: check for check in checks}


def test_doctor_says_what_a_new_node_lacks(tmp_path: Path) -> None:
    config = tmp_path / "lockstep-node.toml"
    config.write_text(
        f'roles = ["server"]\nrpc = "http://127.0.0.1:9"\ndeployment = "{tmp_path}/none.json"\n'
        f'models = "{tmp_path}"\njournal = "{tmp_path}/node.sqlite"\n'
    )
    status, checks = doctor(config)
    assert status == 1
    assert checks["configuration"]["ok"] and checks["journal main"]["ok"]
    for name in ("models", "chain main", "key main"):
        assert not checks[name]["ok"] and checks[name]["remedy"]
    config.write_text("roles = []")
    assert "config/invalid: roles" in str(doctor(config)[1]["configuration"]["found"])
