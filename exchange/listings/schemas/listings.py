"""Shapes of listings on the wire."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from exchange.core.ids import id_pattern
from exchange.core.money import scale_decimal
from exchange.core.quantity import NavBasis
from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy, TimeInForce
from exchange.diligence.schemas.gates import GateVerdictView
from exchange.funds.service import FundRow, NavStatementRow
from exchange.listings.draft import DraftChanges, DraftTerms
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.pricing import PriceInput, echo
from exchange.listings.sale import SaleCause
from exchange.listings.schemas.payment import ListingPayment, ListingPaymentView
from exchange.listings.tables import ListingRow
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import (
    AmountText,
    Flag,
    MoneyView,
    PositiveAmountText,
    PositiveRatioText,
    ratio_ppm,
    ratio_text,
)
from exchange.rest.problems import BreachView

HoldingIdText = Annotated[str, Field(pattern=f"^{id_pattern('holding')}$")]
ProfileText = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z][A-Z_]{1,19}$")]
UnitPriceText = Annotated[
    str, StringConstraints(strict=True, pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$", max_length=20)
]


class CreateListing(StrictModel):
    """A draft. Exactly one of ``price`` (ratio of NAV), ``unit_price`` and ``total`` is given."""

    holding_id: HoldingIdText
    profile: ProfileText = "CN_BJ"
    amount: PositiveAmountText
    price: PositiveRatioText | None = None
    unit_price: UnitPriceText | None = None
    total: PositiveAmountText | None = None
    floor_price: PositiveRatioText | None = None
    mode: MatchingMode | None = None
    policy: PriorityPolicy | None = None
    minimum_fill: AmountText = "0"
    all_or_none: Flag = False
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_DATE
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    payment: ListingPayment = ListingPayment()
    cause: SaleCause = SaleCause.VOLUNTARY
    first_refusal: FirstRefusalMode = FirstRefusalMode.AFTER_BIDDING
    is_favourable_exit: Flag = False

    def terms(self) -> DraftTerms:
        """As values."""
        return DraftTerms(
            holding_id=self.holding_id,
            profile=self.profile,
            amount_minor=scale_decimal(self.amount, 2),
            price=PriceInput(self.price, self.unit_price, self.total),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            mode=self.mode,
            policy=self.policy,
            floor_price_ppm=None if self.floor_price is None else ratio_ppm(self.floor_price),
            minimum_fill_minor=scale_decimal(self.minimum_fill, 2),
            all_or_none=self.all_or_none,
            time_in_force=self.time_in_force,
            payment=self.payment.terms(),
            cause=self.cause,
            first_refusal=self.first_refusal,
            is_favourable_exit=self.is_favourable_exit,
        )


class EditListing(StrictModel):
    """What changes of a draft; what is left out stays. ``latest_nav`` pins the newest NAV statement."""

    amount: PositiveAmountText | None = None
    price: PositiveRatioText | None = None
    unit_price: UnitPriceText | None = None
    total: PositiveAmountText | None = None
    floor_price: PositiveRatioText | None = None
    mode: MatchingMode | None = None
    policy: PriorityPolicy | None = None
    minimum_fill: AmountText | None = None
    all_or_none: Flag | None = None
    time_in_force: TimeInForce | None = None
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    payment: ListingPayment | None = None
    cause: SaleCause | None = None
    first_refusal: FirstRefusalMode | None = None
    is_favourable_exit: Flag | None = None
    latest_nav: Flag = False

    def changes(self) -> DraftChanges:
        """As values."""
        price = PriceInput(self.price, self.unit_price, self.total)
        return DraftChanges(
            amount_minor=None if self.amount is None else scale_decimal(self.amount, 2),
            price=None if price == PriceInput() else price,
            floor_price_ppm=None if self.floor_price is None else ratio_ppm(self.floor_price),
            minimum_fill_minor=None if self.minimum_fill is None else scale_decimal(self.minimum_fill, 2),
            all_or_none=self.all_or_none,
            mode=self.mode,
            policy=self.policy,
            time_in_force=self.time_in_force,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            payment=None if self.payment is None else self.payment.terms(),
            cause=self.cause,
            first_refusal=self.first_refusal,
            is_favourable_exit=self.is_favourable_exit,
            latest_nav=self.latest_nav,
        )


class Relist(StrictModel):
    """List anew what found no buyer: a new window, perhaps a new price; everything else stays."""

    opens_at: AwareDatetime
    closes_at: AwareDatetime
    price: PositiveRatioText | None = None
    floor_price: PositiveRatioText | None = None


class Extend(StrictModel):
    """A later close for a listing without a bid."""

    closes_at: AwareDatetime


class WithReason(StrictModel):
    """A decision with the reason for it."""

    reason: ShortText


class PriceView(ViewModel):
    """One price in all three forms, with the NAV it refers to."""

    price: str = Field(examples=["0.8250"])
    unit_price: str = Field(examples=["0.726000"])
    total: MoneyView
    nav_as_of: date


class ListingView(ViewModel):
    """A listing. ``seller_organisation_id`` is shown to its own side, operators and auditors only."""

    id: str
    fund_id: str
    fund_code: str
    fund_name: str
    vintage: int
    strategy: str
    holding_id: str | None
    seller_organisation_id: str | None
    is_own: bool
    profile: str
    mode: MatchingMode
    policy: PriorityPolicy
    seller_is_state_owned: bool
    amount: MoneyView
    minimum_fill: MoneyView
    all_or_none: bool
    ask: PriceView
    floor: PriceView
    payment: ListingPaymentView
    cause: SaleCause
    first_refusal: FirstRefusalMode
    is_favourable_exit: bool
    nav_statement_id: str
    nav_share: MoneyView
    time_in_force: TimeInForce
    opens_at: Instant
    closes_at: Instant
    expires_at: Instant
    status: ListingStatus
    status_reason: str = Field(description="A stable code, or empty.")
    status_note: str = Field(description="What a person wrote with it.")
    book_id: str | None
    submitted_at: Instant | None
    reviewed_at: Instant | None
    is_simulated: bool
    source: str
    warning: str
    version: int
    created_at: Instant

    @classmethod
    def of(
        cls,
        row: ListingRow,
        fund: FundRow,
        nav: NavStatementRow,
        *,
        expires_at: datetime,
        is_own: bool,
        shows_seller: bool,
    ) -> "ListingView":
        """From a listing, its fund and its pinned statement, as one caller may see it."""
        basis = NavBasis(nav.nav_minor, nav.subscribed_minor)
        return cls(
            id=row.id,
            fund_id=row.fund_id,
            fund_code=fund.code,
            fund_name=fund.name,
            vintage=fund.vintage,
            strategy=fund.strategy,
            holding_id=row.holding_id if shows_seller else None,
            seller_organisation_id=row.seller_organisation_id if shows_seller else None,
            is_own=is_own,
            profile=row.profile,
            mode=row.mode,
            policy=row.policy,
            seller_is_state_owned=row.seller_is_state_owned,
            amount=MoneyView.of(row.amount_minor, fund.currency),
            minimum_fill=MoneyView.of(row.minimum_fill_minor, fund.currency),
            all_or_none=row.all_or_none,
            ask=_price(row.price_ppm, basis, row.amount_minor, fund.currency, nav.as_of),
            floor=_price(row.floor_price_ppm, basis, row.amount_minor, fund.currency, nav.as_of),
            payment=ListingPaymentView.of_listing(row),
            cause=row.cause,
            first_refusal=row.first_refusal,
            is_favourable_exit=row.is_favourable_exit,
            nav_statement_id=row.nav_statement_id,
            nav_share=MoneyView.of(basis.nav_share_minor(row.amount_minor), fund.currency),
            time_in_force=row.time_in_force,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            expires_at=expires_at,
            status=row.status,
            status_reason=row.status_reason if shows_seller else "",
            status_note=row.status_note if shows_seller else "",
            book_id=row.book_id,
            submitted_at=row.submitted_at,
            reviewed_at=row.reviewed_at,
            is_simulated=row.is_simulated,
            source=fund.source,
            warning=fund.warning,
            version=row.version,
            created_at=row.created_at,
        )


class GateView(ViewModel):
    """One condition before the market: shut while ``reasons`` names something; ``warnings`` do not shut it."""

    name: str
    is_open: bool
    reasons: list[BreachView]
    warnings: list[BreachView]


class GatesView(ViewModel):
    """All gates of a listing. ``gates``: those of its rules, for its own side and operators, else empty.

    ``checklist``: those of its papers; with a bidder's organisation also that bidder's.
    """

    listing_id: str
    checked_at: Instant
    gates: list[GateView]
    checklist: list[GateVerdictView]


def _price(price_ppm: int, basis: NavBasis, amount_minor: int, currency: str, nav_as_of: date) -> PriceView:
    forms = echo(price_ppm, basis, amount_minor)
    return PriceView(
        price=ratio_text(price_ppm),
        unit_price=forms.unit_price,
        total=MoneyView.of(forms.total_minor, currency),
        nav_as_of=nav_as_of,
    )
