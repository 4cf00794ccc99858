"""Artifacts by root: kept, fetched, served, and found for the roles that need an input."""
