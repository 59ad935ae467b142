"""Participants: organisations, investor class, suitability, and who is related to whom.

Words: organisation, investor class, suitability record, beneficial owner, standing.
Emits: organisation.applied, organisation.approved, organisation.suspended, investor_class.approved,
suitability.approved, ownership.recorded.
"""
