"""The outside, one file a party: a Protocol, a real adapter, and a twin that plays the party."""
