"""Two processes that serve one bank on one PostgreSQL."""
