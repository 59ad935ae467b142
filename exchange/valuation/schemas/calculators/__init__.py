"""Calculators on the wire: one file a calculator, with its request, its answer, and the way from one to the other.

`catalogue` names them all, for the routes and for the command alike, so that both give the same JSON. `fields` and
`views` hold what they share, `examples` one worked example of each.
"""
