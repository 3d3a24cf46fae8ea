"""What a customer proves themselves with: PIN, pattern, account password, passkeys, counted tries.

Rules live in `rules` (pure, shared with the Python phone), problems and verdicts in `model`,
verbs in `passwords` (account passwords), `passkeys` (WebAuthn) and `tries` (budgets of the
split-key secrets).
"""
