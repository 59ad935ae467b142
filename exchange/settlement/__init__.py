"""From the match to the register, and back: notice, right of first refusal, consent, signing, money, transfer, bust.

Words: deal, notice, right of first refusal (ROFR), consent, approval, agreement, closing statement, true-up, transfer,
obligation, default, backup, bust. One deal for each buyer of a listing. Every step asks its checklist gate, keeps its
clock and writes one event.
Events: deal.opened, deal.noticed, deal.notice_not_needed, deal.rofr_exercised, deal.rofr_cleared, deal.consented,
deal.refused, deal.approved, deal.signed, deal.funded, deal.closing, deal.transferred, deal.filed, deal.settled,
deal.held, deal.resumed, deal.withdrawn, deal.defaulted, deal.busted, deal.terminated, deal.became_final; deadlines:
deal.due, deal.final_due.
"""
