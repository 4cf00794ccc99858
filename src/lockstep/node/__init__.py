"""The program that people leave running: it follows the chain and does what its roles decide."""
