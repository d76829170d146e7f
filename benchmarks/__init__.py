"""mailproto and its peers on the same generated work: ``python -m benchmarks``."""
