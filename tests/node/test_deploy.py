"""The files of deploy/ fit the program: settings, commands and metrics that they name exist."""

import re
import tomllib
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from lockstep.cli.everything import COMMANDS
from lockstep.node.config import NodeConfig
from lockstep.node.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = {path.name: path.read_text() for path in (ROOT / "deploy").iterdir() if path.is_file()}


def test_settings_from_the_environment_exist() -> None:
    named = {name for text in DEPLOY.values() for name in re.findall(r"LOCKSTEP_NODE_([A-Z_]+)", text)}
    assert {"LISTEN", "PASSWORD_FILE"} <= named
    assert {name.lower() for name in named} <= set(NodeConfig.model_fields)


def test_commands_exist() -> None:
    assert {"node run", "node init"} <= {command.name for command in COMMANDS}
    assert re.search(
        r"^ExecStart=/srv/lockstep/bin/lockstep node run --config \S+$", DEPLOY["lockstep-node.service"], re.M
    )
    assert 'ENTRYPOINT ["lockstep"]\nCMD ["node", "run", "--config"' in DEPLOY["Containerfile"]


def test_alerts_name_metrics_that_are_exported() -> None:
    families = text_string_to_metric_families(Metrics().render().decode())
    exported = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    named = set(re.findall(r"lockstep_[a-z_]+", DEPLOY["alerts.yaml"]))
    assert len(named) >= 5
    assert named <= exported


def test_container_has_all_that_the_package_is_built_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    copied = {word for line in DEPLOY["Containerfile"].splitlines() if line.startswith("COPY") for word in line.split()}
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*project["project"]["license-files"], project["project"]["readme"], *wheel["force-include"]} <= copied
