"""Routes of the calculators: a question in, an answer out, nothing stored.

They are POST because a question has a body, and take no Idempotency-Key because they change nothing: the same question
always has the same answer. Whoever is signed in may ask.
"""

from fastapi import APIRouter

from exchange.access.api import CurrentActor
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses
from exchange.valuation.api.refusals import READ
from exchange.valuation.schemas.calculators import closing, discount, irr, pme, price, projection, returns, roll_forward
from exchange.valuation.schemas.calculators.closing import ClosingRequest, ClosingView
from exchange.valuation.schemas.calculators.discount import DiscountRequest, DiscountView
from exchange.valuation.schemas.calculators.irr import IrrRequest, IrrView
from exchange.valuation.schemas.calculators.pme import PmeRequest, PmeView
from exchange.valuation.schemas.calculators.price import PriceRequest, PriceView
from exchange.valuation.schemas.calculators.projection import ProjectionRequest, ProjectionView
from exchange.valuation.schemas.calculators.returns import ReturnsRequest, ReturnsView
from exchange.valuation.schemas.calculators.roll_forward import RollForwardRequest, RollForwardView

router = APIRouter(prefix="/calculators")


@router.post(
    "/roll-forward",
    operation_id="calculate_roll_forward",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*READ),
)
def calculate_roll_forward(actor: CurrentActor, body: RollForwardRequest) -> RollForwardView:
    """A reported NAV brought to another day: calls, distributions, growth, fee, carry, one translation."""
    return roll_forward.answer(body)


@router.post("/returns", operation_id="calculate_returns", openapi_extra=needs(SIGNED_IN), responses=responses(*READ))
def calculate_returns(actor: CurrentActor, body: ReturnsRequest) -> ReturnsView:
    """TVPI, DPI, RVPI, PIC, MOIC and the rate of return, also without the fund's subscription line."""
    return returns.answer(body)


@router.post("/irr", operation_id="calculate_irr", openapi_extra=needs(SIGNED_IN), responses=responses(*READ))
def calculate_irr(actor: CurrentActor, body: IrrRequest) -> IrrView:
    """The rate of return of dated or periodic flows, with every rate that solves them."""
    return irr.answer(body)


@router.post("/pme", operation_id="calculate_pme", openapi_extra=needs(SIGNED_IN), responses=responses(*READ))
def calculate_pme(actor: CurrentActor, body: PmeRequest) -> PmeView:
    """A share beside an index: Kaplan-Schoar, Long-Nickels, PME+, modified PME, Direct Alpha."""
    return pme.answer(body)


@router.post(
    "/projection",
    operation_id="calculate_projection",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*READ),
)
def calculate_projection(actor: CurrentActor, body: ProjectionRequest) -> ProjectionView:
    """Expected calls, distributions and NAV under named pacing sets, and simulated quantiles."""
    return projection.answer(body)


@router.post("/price", operation_id="calculate_price", openapi_extra=needs(SIGNED_IN), responses=responses(*READ))
def calculate_price(actor: CurrentActor, body: PriceRequest) -> PriceView:
    """The price at a target return, also paid in instalments, and the rate and multiple of a given price."""
    return price.answer(body)


@router.post(
    "/discount",
    operation_id="calculate_discount",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*READ),
)
def calculate_discount(actor: CurrentActor, body: DiscountRequest) -> DiscountView:
    """Discounts for a lock-up after Chaffe, Finnerty (the Chinese AAP model) and Ghaidarov, and Longstaff's bound."""
    return discount.answer(body)


@router.post("/closing", operation_id="calculate_closing", openapi_extra=needs(SIGNED_IN), responses=responses(*READ))
def calculate_closing(actor: CurrentActor, body: ClosingRequest) -> ClosingView:
    """The payment at closing for a headline percentage of the reference NAV, exact to the minor unit."""
    return closing.answer(body)
