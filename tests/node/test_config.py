"""The configuration file: what is wrong in it is named, and the example is the default."""

import re
from pathlib import Path

import pytest

from lockstep.errors import ConfigError
from lockstep.node.config import ChainConfig, NodeConfig, RoleName, read_config
from lockstep.node.example import write_example


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
    named = {match[1] for line in lines if (match := re.match(r"(?:# )?\[*([a-z_]+)(?:\]+| = )", line))}
    assert set(NodeConfig.model_fields) <= named


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


CHAINS = """
roles = ["server"]
[[chains]]
name = "base"
rpc = "http://10.0.0.1:1"
journal = "base.sqlite"
[[chains]]
name = "optimism"
rpc = "http://10.0.0.2:2"
journal = "optimism.sqlite"
keystore = "key.json"
"""


def test_single_chain_is_the_only_one_of_all_chains(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'roles = ["server"]\nrpc = "http://10.0.0.1:1"\naccount = 4\n'))
    assert config.all_chains == (ChainConfig(name="main", rpc="http://10.0.0.1:1", account=4),)


def test_several_chains(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, CHAINS))
    assert [(chain.name, chain.rpc, chain.keystore) for chain in config.all_chains] == [
        ("base", "http://10.0.0.1:1", None),
        ("optimism", "http://10.0.0.2:2", Path("key.json")),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("roles", "rpc = 'http://10.0.0.3:3'\nroles"), "rpc belongs into one of the [[chains]]"),
        (("optimism.sqlite", "base.sqlite"), "two [[chains]] have the journal base.sqlite"),
        (('"optimism"', '"base"'), "two [[chains]] have the name base"),
        (('"optimism"', '"Opti mism"'), "chains.1.name: "),
        (('"key.json"', '"key.json"\nsigner = "http://10.0.0.4:4"'), "keystore and signer exclude each other"),
        (('keystore = "key.json"', 'signer = "http://10.0.0.4:4"'), "signer and signer_address belong together"),
    ],
)
def test_chains_that_do_not_fit_together_are_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    error = refusal(written(tmp_path, CHAINS.replace(*change)))
    assert error.code == "config/invalid"
    assert message in error.message


def test_configuration_does_not_change(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'roles = ["server"]'))
    with pytest.raises(ValueError, match="frozen"):
        config.account = 3
