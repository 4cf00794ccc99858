"""The demo: one honest and one cheating provider, a chain, money, and the contract that tells them apart."""
