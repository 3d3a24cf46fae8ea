"""The CA beside its peers: OCSP, lists, time-stamps, certificates. Paired rounds, CPU by core."""
