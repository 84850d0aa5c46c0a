"""Real nodes in one process, with a faulty network between them, and the invariants I1 to I12.

`make simulate SEEDS=300`, or `make simulate SEED=1234` to see one again. See decision 14.
"""
