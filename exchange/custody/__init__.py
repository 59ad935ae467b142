"""Who holds what: the partner roll with subscribed, paid-in and unfunded; freezes and pledges.

Words: holding, roll, freeze, pledge, release. A frozen or pledged amount is never sold.
Emits: holding.recorded, holding.frozen, holding.released.
"""
