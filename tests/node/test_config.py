"""The configuration file: what is wrong in it is named, and the example is the default."""

from pathlib import Path

import pytest

from lockstep.errors import ConfigError
from lockstep.node.config import NodeConfig, RoleName, read_config, write_example


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NodeConfig.model_fields:
        monkeypatch.delenv(f"LOCKSTEP_NODE_{name.upper()}", raising=False)


def written(folder: Path, text: str) -> Path:
    path = folder / "node.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    return refused.value


def test_example_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    write_example(path)
    assert read_config(path) == NodeConfig(roles=(RoleName.CHALLENGER,))


def test_example_names_every_key(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    write_example(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    keys = [line.split(" = ")[0] for line in lines if line and not line.startswith("#")]
    assert keys == list(NodeConfig.model_fields)


def test_example_is_never_written_over_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'roles = ["server"]')
    with pytest.raises(ConfigError) as refused:
        write_example(path)
    assert refused.value.code == "config/exists"
    assert path.read_text(encoding="utf-8") == 'roles = ["server"]'


def test_values_of_the_file(tmp_path: Path) -> None:
    text = 'roles = ["server", "challenger"]\nrpc = "http://10.0.0.1:1"\nconfirmations = 12\nleast_fee_wei = 5\n'
    config = read_config(written(tmp_path, text))
    assert config.roles == (RoleName.SERVER, RoleName.CHALLENGER)
    assert (config.rpc, config.confirmations, config.least_fee_wei) == ("http://10.0.0.1:1", 12, 5)


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKSTEP_NODE_RPC", "http://10.0.0.2:2")
    monkeypatch.setenv("LOCKSTEP_NODE_ROLES", '["server"]')
    config = read_config(written(tmp_path, 'roles = ["challenger"]\nrpc = "http://10.0.0.1:1"\naccount = 4\n'))
    assert (config.rpc, config.roles, config.account) == ("http://10.0.0.2:2", (RoleName.SERVER,), 4)


def test_missing_file(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nothing.toml")
    assert error.code == "config/missing"
    assert "nothing.toml" in str(error)
    assert "lockstep node init" in error.remedy


def test_text_that_is_not_toml(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, 'roles = ["server"'))
    assert error.code == "config/malformed"
    assert "node.toml" in str(error)


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_bytes(b'roles = ["\xff"]')
    assert refusal(path).code == "config/malformed"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("roles", 'rpc = "http://127.0.0.1:1"'),
        ("roles", "roles = []"),
        ("roles.0", 'roles = ["judge"]'),
        ("roles", 'roles = "server"'),
        ("polls", 'roles = ["server"]\npolls = 3'),
        ("account", 'roles = ["server"]\naccount = -1'),
        ("account", 'roles = ["server"]\naccount = "mine"'),
        ("poll_seconds", 'roles = ["server"]\npoll_seconds = 0'),
        ("confirmations", 'roles = ["server"]\nconfirmations = 1.5'),
        ("least_fee_wei", 'roles = ["server"]\nleast_fee_wei = -1'),
        ("rpc", 'roles = ["server"]\nrpc = 8545'),
        ("journal", 'roles = ["server"]\njournal = ["a"]'),
    ],
)
def test_wrong_value_is_named(tmp_path: Path, key: str, text: str) -> None:
    error = refusal(written(tmp_path, text))
    assert error.code == "config/invalid"
    assert error.message.startswith(f"{key}: ")


def test_wrong_value_in_the_environment_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKSTEP_NODE_ACCOUNT", "mine")
    error = refusal(written(tmp_path, 'roles = ["server"]'))
    assert error.code == "config/invalid"
    assert error.message.startswith("account: ")


def test_list_in_the_environment_that_is_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKSTEP_NODE_ROLES", "server")
    assert refusal(written(tmp_path, 'rpc = "http://127.0.0.1:1"')).code == "config/invalid"


def test_configuration_does_not_change(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'roles = ["server"]'))
    with pytest.raises(ValueError, match="frozen"):
        config.account = 3
