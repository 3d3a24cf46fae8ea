"""The mathematics of `dojang/1`: pure functions, no clock, no chance, no I/O."""
