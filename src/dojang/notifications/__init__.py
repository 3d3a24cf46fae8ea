"""Tells customers by SMS what happened: a cursor on the log, words, and a gateway.

`Notifier` is all the house needs; nobody else imports this room.
"""

from dojang.notifications.model import Recipient, Sender
from dojang.notifications.notifier import Notifier
from dojang.notifications.recipients import left_behind, on_file

__all__ = ["Notifier", "Recipient", "Sender", "left_behind", "on_file"]
