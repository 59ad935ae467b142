"""The client rates a closed engagement once; the adviser replies once. The directory shows the average."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.diligence.advice_errors import AlreadyRated, NotYetRateable
from exchange.diligence.engagement import EngagementState
from exchange.diligence.service.engagements.steps import locked_for_client, locked_for_engaged, tell
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementRatingRow
from exchange.infra.database import Tx


def rate(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, stars: int, comment: str) -> EngagementRatingRow:
    """One to five stars from the client, with its words."""
    row = locked_for_client(tx, actor, engagement_id)
    if row.state is not EngagementState.CLOSED or row.adviser_organisation_id is None:
        raise NotYetRateable
    if engagement_id in store.ratings(tx, [engagement_id]):
        raise AlreadyRated
    rating = EngagementRatingRow(
        engagement_id=engagement_id,
        organisation_id=actor.organisation_id,
        stars=stars,
        comment=comment,
        rated_by=actor.user_id,
        rated_at=now,
    )
    store.add(tx, rating)
    tell(tx, row, now, "engagement.rated", actor=actor, data={"stars": stars})
    return rating


def reply(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, words: str) -> EngagementRatingRow:
    """The adviser's one answer to its rating."""
    row = locked_for_engaged(tx, actor, engagement_id)
    rating = store.ratings(tx, [engagement_id]).get(engagement_id)
    if rating is None:
        raise NotYetRateable
    if rating.replied_at is not None:
        raise AlreadyRated
    rating.reply, rating.replied_by, rating.replied_at = words, actor.user_id, now
    store.flush(tx)
    tell(tx, row, now, "engagement.rating_replied", actor=actor, data={"stars": rating.stars})
    return rating
