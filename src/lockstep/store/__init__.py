"""Where artifacts are kept: bytes under the name that their hash gives them."""
