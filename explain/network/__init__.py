"""A graph neural network over the resource graph: an optional extra, compared in `bench.gnn`.

No scan uses it: docs/model.md says what it was measured to be worth. It needs torch, which the extra
`gnn` installs; `arrays` works without.
"""
