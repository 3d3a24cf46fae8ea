"""The mathematics of `dojang/1`: pure functions, no clock, no chance, no I/O.

`encoding` bytes on the wire · `ed25519` group and verdict ·
`multibuffer` eight at a time, by `crypto_mb` ·
`frost` two-party signatures · `dkg` key generation · `oprf` the counted guess ·
`sharing` deltas and mask · `csr` PKCS#10 · `jcs` canonical JSON ·
`messages` what may be signed · `dpop` device proofs · `sealing` rows at rest ·
`merkle` trees and proofs · `tree_heads` signed heads, proofs that stand alone
"""
