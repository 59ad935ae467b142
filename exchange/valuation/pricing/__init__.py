"""Prices of a fund share: from its cash flows at a buyer's target return, and from what the market was seen to pay.

`dcf` and `implied` are each other's inverse; `market` chooses published percentages of NAV; `closing` turns a headline
percentage into the payment at closing, in integers. A price may be negative and is never clipped. A percentage of an
NAV that is not positive has no meaning and is not given.
"""
