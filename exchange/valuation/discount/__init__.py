"""Discounts for a contractual lock-up, as option values in parts of the unrestricted price.

They belong to restricted listed shares in a look-through and to a lock-up of the fund share itself. They do not belong
on top of a secondary-market price or of a price at a buyer's target return: illiquidity is in there already.
Finnerty lies below and Ghaidarov above the simulated average-strike put; Longstaff is a bound, never a discount.
"""
