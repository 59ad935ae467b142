"""Payment plans as the API takes and shows them."""

from typing import Annotated

from pydantic import Field

from exchange.core.money import PPM
from exchange.core.quantity import price_from_text, price_text
from exchange.listings.draft import PlanTerms
from exchange.listings.errors import PlanInvalid
from exchange.listings.payment_plan import (
    DAYS_MAX,
    PARTS_MAX,
    LaterPart,
    PaymentPlan,
    Security,
    plan_from_document,
)
from exchange.listings.tables import ListingRow
from exchange.rest.model import StrictModel, ViewModel
from exchange.rest.numbers import Flag, RatioText


class PlanPart(StrictModel):
    """A share of the base price, due some days after the closing."""

    share: RatioText
    days: Annotated[int, Field(strict=True, ge=1, le=DAYS_MAX)]


class PlanBody(StrictModel):
    """A payment plan: its later parts in order, their yearly interest, what secures them. Empty: all at closing."""

    later: Annotated[list[PlanPart], Field(max_length=PARTS_MAX)]
    interest: RatioText = "0"
    security: Security = Security.NONE

    def plan(self) -> PaymentPlan:
        """The plan as a value. PLAN_INVALID for shares, days or interest out of bounds."""
        try:
            parts = tuple(LaterPart(price_from_text(part.share), part.days) for part in self.later)
            return PaymentPlan(parts, price_from_text(self.interest), self.security) if parts else PaymentPlan()
        except ValueError as error:
            raise PlanInvalid from error


class ListingPayment(StrictModel):
    """How the price may be paid: the announced plan (empty: all at closing).

    ``takes_plans``: an auction of a private seller takes bids with plans of their own, compared as cash at the yearly
    ``discount_rate`` (default: the profile's).
    """

    later: Annotated[list[PlanPart], Field(max_length=PARTS_MAX)] = Field(default_factory=list)
    interest: RatioText = "0"
    security: Security = Security.NONE
    takes_plans: Flag = False
    discount_rate: RatioText | None = None

    def terms(self) -> PlanTerms:
        """As values. PLAN_INVALID for a plan or a rate out of bounds."""
        plan = PlanBody(later=self.later, interest=self.interest, security=self.security).plan()
        rate = None if self.discount_rate is None else price_from_text(self.discount_rate)
        if rate is not None and not (self.takes_plans and 0 <= rate <= PPM):
            raise PlanInvalid
        return PlanTerms(plan, self.takes_plans, rate)


class PlanPartView(ViewModel):
    """A share of the base price and the days after the closing."""

    share: str
    days: int


class PlanView(ViewModel):
    """A payment plan; no later part: all at closing."""

    later: list[PlanPartView]
    interest: str
    security: Security

    @classmethod
    def of(cls, plan: PaymentPlan) -> "PlanView":
        """From a value."""
        return cls(
            later=[PlanPartView(share=price_text(part.share_ppm), days=part.days) for part in plan.later],
            interest=price_text(plan.interest_ppm),
            security=plan.security,
        )


class ListingPaymentView(PlanView):
    """The announced plan of a listing, and the rate that compares bids with other plans."""

    takes_plans: bool
    discount_rate: str | None

    @classmethod
    def of_listing(cls, row: ListingRow) -> "ListingPaymentView":
        """From the row."""
        rate = row.plan_discount_ppm
        shown = PlanView.of(plan_from_document(row.plan))
        return cls(
            **dict(shown), takes_plans=rate is not None, discount_rate=None if rate is None else price_text(rate)
        )
