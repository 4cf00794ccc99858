"""Everything that talks to an EVM chain: bindings, connection, sender, log cursor, deployment, local chain."""
