"""The one list of features, roles and commands."""
