"""Who gets it: the order book, its priority policies, the engine that matches, and the proof of each match.

Words: book, order, bid, ask, journal, command, fill, proposal, award, backup, match right, trade, halt, digest.
Emits: order.accepted, order.filled, order.cancelled, order.expired, order.rejected, order.amended,
order.change_refused, book.opened, book.changed, book.halted, book.resumed, book.matching_failed, market.halted,
market.resumed, listing.ask_changed, proposal.made, proposal.party_confirmed, proposal.confirmed, proposal.declined,
proposal.lapsed, award.made, award.match_right_offered, award.match_right_taken, award.accepted, award.refused,
trade.made; and deadlines: order.expiry_due, book.lock_due, book.window_due, book.priority_window_ended,
proposal.confirmation_ended, award.match_right_ended.
"""
