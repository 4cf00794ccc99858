"""The configuration that `lockstep node init` writes: every setting, explained; what stands here is the default."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from lockstep.errors import ConfigError

EXAMPLE = """\
# A Lockstep node. Every line may be left out but `roles`; what stands here is the default. Any setting can also come
# from the environment, as LOCKSTEP_NODE_NAME. Paths are relative to the working directory.

# What it does: "server" answers jobs, "challenger" runs every claim again and disputes what is wrong, "prover" settles
# jobs by proof, for models that have a key and its secret beside them in the folder of models; "member" answers in
# committees that it is drawn for, "watcher" checks claims that it is drawn for; both have stake (`lockstep stake`).
roles = ["challenger"]

# The chain, and the file that says where the contracts are (`lockstep up` writes one).
rpc = "http://127.0.0.1:8545"
deployment = ".lockstep/deployment.json"

# Its memory. Keep it: it holds what was signed and the secret behind commitments.
journal = ".lockstep/node.sqlite"

# Who signs. On the local chain, without a keystore: the funded account of this number. Elsewhere an encrypted keystore,
# whose password is in a file that only you can read, in LOCKSTEP_KEYSTORE_PASSWORD, or asked for at the start.
account = 2
# keystore = "keystore.json"
# password_file = "password"
# Or a signer that holds the key itself (web3signer, clef): its address, whose key, and how it calls signing
# (clef: "account_signTransaction"). A key in plain text is refused here.
# signer = "http://127.0.0.1:9000"
# signer_address = "0x…"
# signer_method = "eth_signTransaction"

# How many blocks must stand on top of a block before it is believed.
confirmations = 0

# The most that it pays for a unit of gas, and of that to who makes the block. A transaction that waits is sent again
# for more, up to these; while the chain asks for more, nothing is sent.
max_fee_gwei = 500.0
max_priority_fee_gwei = 100.0

# Compiled models (*.lockstep) that it knows. Jobs about other models are left to others. Files may come and go while it
# runs: it looks by itself, and at once on SIGHUP.
models = ".lockstep/models"

# How often it looks at the chain.
poll_seconds = 1.0

# Jobs that pay less are not answered: for any model, and for each second that the answer is expected to take.
least_fee_wei = 0
least_fee_wei_per_second = 0

# A job is taken only if it can be computed, after all that was taken before, this long before its deadline.
margin_seconds = 10.0

# Where /healthz, /readyz and /metrics are served, as "127.0.0.1:9464"; empty: nowhere. There is no password on it.
listen = ""

# Not ready when this many blocks behind the chain.
max_lag_blocks = 32

# Log lines on standard error: "json" or "console"; "debug", "info", "warning" or "error" and worse.
log = "json"
log_level = "info"

# Fees for single models, by the name of the file or the model id; they replace least_fee_wei.
# [least_fees_wei]
# digits = 1000000000000000

# Artifacts: where inputs are kept that are too large for a request, who is asked for those that are not here
# ("http://host:8646", "s3://bucket/prefix", "ipfs://CID", "folder+https://host/path"; every chunk is checked), the
# gateway for ipfs://, where this node serves its own to anybody ("0.0.0.0:8646"; empty: nowhere), and the most that
# is fetched for one job.
# [artifacts]
# store = ".lockstep/artifacts"
# peers = []
# gateway = "https://ipfs.io"
# listen = ""
# largest_bytes = 1073741824

# Several chains: one table for each, in place of rpc, deployment, journal, account, keystore, password_file, signer…,
# confirmations and max_…_gwei above. All share the models and the machine.
# [[chains]]
# name = "base"
# rpc = "https://…"
# deployment = "base.json"
# journal = "base.sqlite"
# keystore = "keystore.json"
# confirmations = 12
"""


def write_example(path: Path, settings: Mapping[str, str] | None = None) -> None:
    """The example with some settings (already TOML) put in; never over a file. Raises ``ConfigError``."""
    text = EXAMPLE
    for name, value in (settings or {}).items():
        line = re.compile(rf"^(# )?{name} = .*$", re.MULTILINE)
        text = line.sub(lambda _, line=f"{name} = {value}": line, text, count=1)  # type: ignore[misc]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise ConfigError("config/exists", "the file exists", value=path, remedy="name another, or edit it") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
