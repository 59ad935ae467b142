"""Calculators: one question about a fund share, answered from the figures in the question and from nothing else.

One file a calculator, each a pure function of plain values: money in minor units, rates as decimals, dates. It brings
the vectorised models of the neighbouring folders to a single share, rounds money once to whole minor units, and gives
every figure its status; where there is none, the figure is None. `figures` holds what the answers share.
"""
