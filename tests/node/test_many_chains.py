"""One process serves two chains with the same models: each has its own thread, journal and account."""

import time
from pathlib import Path
from threading import Thread

from node_process import LEAST_FEE

from lockstep.assembly.nodes import build_service
from lockstep.chain.deployment import write_deployment
from lockstep.ir.format import write_model
from lockstep.ir.graph import Graph
from lockstep.node.config import read_config
from lockstep.testing.network import Network, draw_inputs

TOO_CHEAP = LEAST_FEE - 1
"""For the node that tests share."""


def test_jobs_of_two_chains_are_answered(
    network: Network, shared_network: Network, graph: Graph, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    write_model(tmp_path / "models" / "digits.lockstep", graph)
    tables = []
    for name, one in (("first", network), ("second", shared_network)):
        write_deployment(tmp_path / f"{name}.json", one.deployment)
        tables.append(
            f'[[chains]]\nname = "{name}"\nrpc = "{one.rpc.url}"\ndeployment = "{tmp_path}/{name}.json"\n'
            f'journal = "{tmp_path}/{name}.sqlite"\naccount = 5\n'
        )
    config = tmp_path / "node.toml"
    config.write_text(f'roles = ["server"]\nmodels = "{tmp_path}/models"\npoll_seconds = 0.02\n' + "".join(tables))
    jobs = [(one, one.request(draw_inputs(graph), fee=TOO_CHEAP)[0]) for one in (network, shared_network)]
    service = build_service(read_config(config))
    thread = Thread(target=service.run)
    thread.start()
    deadline = time.monotonic() + 60
    while any(one.record(job_id).status.name == "OPEN" for one, job_id in jobs) and time.monotonic() < deadline:
        time.sleep(0.02)
    service.stop()
    thread.join(60)
    assert not thread.is_alive()
    assert [one.record(job_id).status.name for one, job_id in jobs] == ["ASSERTED", "ASSERTED"]
