"""What is for sale, on what terms, until when: the listing from draft to open and on.

Words: listing, amount, ask price, floor, mode, priority policy, window, review.
Emits: listing.drafted, listing.submitted, listing.returned, listing.approved, listing.opened, listing.withdrawn,
listing.expired, listing.completed.
"""
