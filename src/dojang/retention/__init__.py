"""What is kept of a customer, how long, and how it is erased for good (파기)."""

from dojang.retention.erasing import Done, approve, ask, waiting
from dojang.retention.model import Due, Last, Past
from dojang.retention.service import due, past_of

__all__ = ["Done", "Due", "Last", "Past", "approve", "ask", "due", "past_of", "waiting"]
