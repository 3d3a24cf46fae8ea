"""What ends a start."""


class CannotStart(Exception):
    """The bank does not start with this. The message says why and what to change, in one line."""
