"""Future calls, distributions and NAV of a fund, from its unfunded commitment, NAV and age today.

`takahashi_alexander` gives one expected path for each of many funds; `stochastic` draws many paths of one fund.
Axes: funds (or paths) first, periods second. Flows fall at the end of their period.
"""
