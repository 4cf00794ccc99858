"""A network namespace for each node, so that a node can be cut off while it runs. Needs Linux, root, and iproute2.

The nodes' namespaces hang on one bridge, on which the chain listens too. Nothing leaves the machine: there is no route.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass

from lockstep.errors import ConfigError

FIRST_NODE = 10
SUBNETS = range(32, 224)


@dataclass(frozen=True, slots=True)
class Switch:
    """A bridge at 10.77.``subnet``.1, and the namespaces of nodes 0, 1, … behind it."""

    subnet: int

    @property
    def host(self) -> str:
        """This machine's own address on the bridge."""
        return f"10.77.{self.subnet}.1"

    def address_of(self, node: int) -> str:
        """A node's."""
        return f"10.77.{self.subnet}.{FIRST_NODE + node}"

    def command(self, node: int, words: list[str]) -> list[str]:
        """The same program, run where a node lives."""
        return ["ip", "netns", "exec", self._space(node), *words]

    def open(self, nodes: int) -> None:
        """Make bridge and namespaces; what an earlier life left of them goes first."""
        self.close(nodes)
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.host}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        for node in range(nodes):
            space, outer, inner = self._space(node), self._outer(node), f"{self._outer(node)}i"
            _ip("netns", "add", space)
            _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
            _ip("link", "set", outer, "master", self._bridge)
            _ip("link", "set", outer, "up")
            _ip("-n", space, "link", "set", "lo", "up")
            _ip("-n", space, "addr", "add", f"{self.address_of(node)}/24", "dev", inner)
            _ip("-n", space, "link", "set", inner, "up")

    def close(self, nodes: int) -> None:
        """Take everything away that is there."""
        for node in range(nodes):
            with suppress(ConfigError):
                _ip("netns", "delete", self._space(node))
            with suppress(ConfigError):
                _ip("link", "delete", self._outer(node))
        with suppress(ConfigError):
            _ip("link", "delete", self._bridge)

    def cut(self, node: int) -> None:
        """From now on nothing reaches it."""
        _ip("link", "set", self._outer(node), "down")

    def mend(self, node: int) -> None:
        """It is connected again."""
        _ip("link", "set", self._outer(node), "up")

    @property
    def _bridge(self) -> str:
        return f"lockstep{self.subnet}"

    def _space(self, node: int) -> str:
        return f"lockstep{self.subnet}-{node}"

    def _outer(self, node: int) -> str:
        return f"ls{self.subnet}n{node}"


def find_switch(nodes: int) -> Switch | None:
    """A switch on a subnet that this machine does not use, opened; None where there cannot be one."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("ip") is None:
        return None
    try:
        used = _ip("-o", "addr", "show")
    except ConfigError:
        return None
    for subnet in SUBNETS:
        switch = Switch(subnet)
        if f"10.77.{subnet}." in used:
            continue
        try:
            switch.open(nodes)
        except ConfigError:
            switch.close(nodes)
            return None
        return switch
    return None


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        remedy = "run without --isolate"
        raise ConfigError("net/namespace", done.stderr.strip() or "ip failed", value=" ".join(words), remedy=remedy)
    return done.stdout
