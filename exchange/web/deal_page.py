"""The page of a deal: where it stands, its terms, what comes next and from whom, and the forms of the next step."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from starlette.responses import Response

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.core.ids import new_id
from exchange.core.money import Money
from exchange.funds import service as funds
from exchange.listings.payment_plan import plan_from_document
from exchange.settlement.deal import UP_TO_APPROVED, DealEvent, DealStatus, allowed
from exchange.settlement.service import (
    agreements,
    busting,
    consents,
    holds,
    obligations,
    offers,
    plans,
    reads,
    statements,
    taxes,
    true_ups,
)
from exchange.settlement.service.agreements import SeenAgreement
from exchange.settlement.service.consents import DealApprovalRow
from exchange.settlement.service.offers import SeenOffer
from exchange.settlement.service.plans import InstalmentRow
from exchange.settlement.service.reads import DealRow
from exchange.settlement.service.statements import Seen
from exchange.settlement.service.true_ups import SeenTrueUp
from exchange.settlement.statement import StatementAnswer, StatementState
from exchange.web.commands import refusal_of
from exchange.web.names import organisation_names
from exchange.web.plan_form import PlanForm, announced_words, filled, securities_of
from exchange.web.visit import Visit, see_other

STEPS = (
    "confirmed",
    "noticed",
    "rofr_cleared",
    "gp_consented",
    "approved",
    "signed",
    "closing",
    "transferred",
    "filed",
    "settled",
)
"""The course of a deal as the page draws it; funding and its statement are one step."""

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("price", ("base", "contributions", "distributions", "adjusted")),
    ("due", ("deferred", "to_pay")),
    ("costs", ("seller_fee", "buyer_fee", "seller_stamp_duty", "buyer_stamp_duty")),
    ("result", ("seller_proceeds", "buyer_outlay")),
    ("interest", ("unfunded_reference", "unfunded_closing", "rolled_nav", "exposure")),
)
"""Published lines of a statement in groups, in the order they are read."""

TOTALS = frozenset({"adjusted", "to_pay", "seller_proceeds", "buyer_outlay"})
"""Lines that sum up those before them."""


def sides_of(actor: Actor, row: DealRow) -> tuple[str, ...]:
    """What the viewer's organisation is in a deal: buyer, seller, manager, or the exchange that watches."""
    owners = (
        ("buyer", row.buyer_organisation_id),
        ("seller", row.seller_organisation_id),
        ("manager", row.manager_organisation_id),
    )
    found = tuple(side for side, owner in owners if owner == actor.organisation_id)
    return (*found, "operator") if "deals:run" in actor.permissions else found or ("watch",)


def deal_page(
    visit: Visit, deal_id: str, *, refused: Sequence[str] = (), action: str = "", plan: PlanForm | None = None
) -> Response:
    """The page of one deal, with what a refused form said."""
    row = reads.deal_of(visit.tx, visit.actor, deal_id)
    fund = funds.fund_facts(visit.tx, row.fund_id)
    sides = sides_of(visit.actor, row)
    names = organisation_names(
        visit.tx,
        [row.buyer_organisation_id, row.seller_organisation_id, row.manager_organisation_id],
        visit.language,
    )
    seen = statements.statement_seen_by(visit.tx, visit.actor, visit.now, deal_id=deal_id)
    versions = agreements.agreements_of(visit.tx, visit.actor, deal_id=deal_id)
    approvals = consents.approvals_of(visit.tx, visit.actor, deal_id=deal_id)
    offer = offers.offer_seen_by(visit.tx, visit.actor, deal_id=deal_id)
    return visit.page(
        "deal.html",
        status_code=409 if refused else 200,
        deal=row,
        fund=fund,
        sides=sides,
        names=names,
        step_names=STEPS,
        at_step=_step_of(row),
        statement=seen,
        taxes=_taxes(visit, row),
        true_up=_true_up(visit, row, seen),
        plan_words=announced_words(visit, row.plan),
        plan_form=plan or filled(visit, plan_from_document(row.plan)),
        securities=securities_of(visit, plan or filled(visit, plan_from_document(row.plan))),
        groups=_groups(seen, row.currency),
        totals=TOTALS,
        answered={
            "seller": _answer(seen, row.seller_organisation_id),
            "buyer": _answer(seen, row.buyer_organisation_id),
        },
        requests=requests_of(visit, deal_id) if "operator" in sides else [],
        approvals=approvals,
        agreement=versions[-1] if versions else None,
        offer=offer,
        partner_names=organisation_names(
            visit.tx, [notice.partner_organisation_id for notice, _ in offer.notices], visit.language
        ),
        obligations=sorted(
            obligations.obligations_of(visit.tx, visit.actor, deal_id=deal_id), key=lambda one: one.due_on
        ),
        instalments=_parts(visit, row),
        own_organisation=visit.actor.organisation_id,
        may_act=visit.viewer.may("deals:act"),
        events=offers.timeline_of(visit.tx, visit.actor, deal_id=deal_id),
        actions=actions_of(visit.actor, row, sides, seen, approvals, versions[-1] if versions else None, offer),
        allowed=allowed(row.status),
        refused=refused,
        refused_action=action,
        message=visit.message(),
        idempotency_key=new_id("request"),
    )


def requests_of(visit: Visit, deal_id: str) -> list[Approval]:
    """What waits for a second operator about a deal: a bust, an end by order."""
    asked = (
        busting.bust_asked(visit.tx, visit.actor, deal_id=deal_id),
        holds.termination_asked(visit.tx, visit.actor, deal_id=deal_id),
    )
    return [item for item in asked if item is not None]


def actions_of(
    actor: Actor,
    row: DealRow,
    sides: Sequence[str],
    seen: Seen,
    approvals: Sequence[DealApprovalRow],
    agreement: SeenAgreement | None,
    offer: SeenOffer,
) -> tuple[str, ...]:
    """The forms this viewer is shown: what it may do next. The services decide again."""
    is_manager, is_operator = "manager" in sides, "operator" in sides
    is_party = bool({"buyer", "seller"} & set(sides))
    has_confirmed = seen.answers.get(actor.organisation_id) is StatementAnswer.CONFIRMED
    is_open = seen.state is not StatementState.AGREED and not has_confirmed
    signed = {item.side.value for item in agreement.signatures} if agreement else set()
    rules: tuple[tuple[str, bool], ...] = (
        ("notice", row.status is DealStatus.CONFIRMED and (is_manager or is_operator)),
        ("lapse", row.status is DealStatus.NOTICED and is_operator and not offer.is_open),
        ("consent", row.status is DealStatus.ROFR_CLEARED and is_manager),
        ("approval", row.status is DealStatus.GP_CONSENTED and is_operator and bool(approvals)),
        ("agreement", row.status is DealStatus.APPROVED and (is_party or is_manager or is_operator)),
        (
            "sign",
            row.status is DealStatus.APPROVED and agreement is not None and bool(set(sides) - signed - {"operator"}),
        ),
        ("plan", row.status in UP_TO_APPROVED and is_party and not row.seller_is_state_owned),
        ("fund", row.status is DealStatus.SIGNED and "buyer" in sides),
        ("statement", row.status is DealStatus.CLOSING and is_party and is_open),
        ("decide", row.status is DealStatus.CLOSING and is_operator and seen.state is StatementState.DISPUTED),
        ("register", row.status is DealStatus.CLOSING and is_operator and seen.state is StatementState.AGREED),
        ("bust", row.status is DealStatus.TRANSFERRED and is_operator),
        ("resume", row.status is DealStatus.ON_HOLD and (is_manager or is_operator)),
        ("hold", DealEvent.HOLD.value in allowed(row.status) and (is_manager or is_operator)),
        ("terminate", DealEvent.TERMINATE.value in allowed(row.status) and is_operator),
        ("appeal", row.status is DealStatus.BUSTED and is_party),
        ("withdraw", DealEvent.WITHDRAW.value in allowed(row.status) and is_party),
    )
    return tuple(name for name, shown in rules if shown)


def act(
    visit: Visit, deal_id: str, action: str, key: str, body: Mapping[str, object], work: Callable[[], object]
) -> Response:
    """Do one form's command once; a refusal shows the page again with every sentence of it, nothing changed."""
    refused = refusal_of(visit, f"deal {action} {deal_id}", key, body, work)
    if refused:
        return deal_page(visit, deal_id, refused=refused, action=action)
    return see_other(f"/deals/{deal_id}", done=f"deals.done_{action}_message")


def _step_of(row: DealRow) -> str:
    """Where the drawn course stands."""
    status = row.held_from or row.status
    return {"funded": "closing"}.get(status.value, status.value)


def _groups(seen: Seen, currency: str) -> list[tuple[str, list[tuple[str, Money]]]]:
    kept = seen.issued.lines if seen.issued is not None else seen.lines
    return [(group, [(name, Money(int(kept[f"{name}_minor"]), currency)) for name in names]) for group, names in GROUPS]


def _true_up(visit: Visit, row: DealRow, seen: Seen) -> tuple[SeenTrueUp, list[tuple[str, date, Money]], Money] | None:
    """What the sides owe each other for cash since the reference date; None before a statement was issued."""
    if seen.issued is None:
        return None
    found = true_ups.true_up_seen_by(visit.tx, visit.actor, visit.now, deal_id=row.id)
    lines = [(line.reference, line.cash_on, Money(line.to_buyer_minor, row.currency)) for line in found.found.lines]
    return found, lines, Money(abs(found.found.net_to_buyer_minor), row.currency)


def _taxes(visit: Visit, row: DealRow) -> list[tuple[str, Money, str]]:
    """The estimates of tax this viewer may read: which tax, how much, the rule."""
    found = taxes.taxes_seen_by(visit.tx, visit.actor, visit.now, deal_id=row.id)
    return [(each.item.value, Money(each.amount_minor, found.currency), each.rule_id) for each in found.estimates]


def _parts(visit: Visit, row: DealRow) -> list[tuple[InstalmentRow, Money, Money]]:
    """The later parts of the price with principal and interest, as paid or as planned."""
    found = []
    for part in plans.instalments_of(visit.tx, visit.actor, row.id):
        interest = part.interest_minor if part.paid_interest_minor is None else part.paid_interest_minor
        found.append((part, Money(part.principal_minor, part.currency), Money(interest, part.currency)))
    return found


def _answer(seen: Seen, organisation_id: str) -> str:
    """What a side said of the newest statement; nothing while it has not answered."""
    found = seen.answers.get(organisation_id)
    return found.value if found else ""
