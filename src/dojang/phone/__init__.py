"""The phone in Python: the same protocol as the app, for tests, demo and load, and as a reference.

`state` what it keeps · `talk` one request until it is answered · `machine` a signature ·
`enrol` a new key · `change` a new PIN or pattern · `http` the line · `witness` the bank's log ·
`customer` all of it together
"""
