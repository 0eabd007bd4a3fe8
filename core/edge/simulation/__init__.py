"""Simulated surroundings in virtual time: the network, latency, and the exchange in `exchange`."""
