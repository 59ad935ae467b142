"""Money: accounts, deposits, holds. Posted and held are kept apart; entries are immutable.

Words: account, posted, held, hold, release, transfer (two legs that sum to zero).
Emits: money.deposited.
"""
