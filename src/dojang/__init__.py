"""Dojang: mobile certificates issued by a bank into its customers' phones."""

__version__ = "0.1.0"
