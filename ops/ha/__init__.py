"""A three-node cluster on loopback, load, a killed primary: what is lost, and for how long."""
