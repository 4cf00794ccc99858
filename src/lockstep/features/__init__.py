"""Capabilities: each a slice of types, rules, client, role and commands over the same trunk."""
