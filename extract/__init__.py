"""Exact figures, roles and relations from Chinese unstructured reports."""

__version__ = "0.1.0"
