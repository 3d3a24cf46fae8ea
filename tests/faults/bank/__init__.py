"""The bank checker: two processes on one PostgreSQL, many clients, and someone who kills them."""
