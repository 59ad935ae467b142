"""Money that reaches and leaves the exchange: bank messages, payments, payouts, reconciliation.

Words: bank message (camt.053, camt.054, a signed notice), payment (a line of money in), payment reference (the id of a
cash account), suspense (money matched to nothing yet), payout, batch (pain.001).
Events: bank.message_received, payment.received, payment.assigned, payment.returned, payout.requested, payout.approved,
payout.refused, payout.sent, payout.settled, payout.rejected; deadline: bank.simulated_due.
"""
