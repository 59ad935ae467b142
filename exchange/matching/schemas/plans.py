"""The payment plan of a bid on the wire."""

from exchange.core.quantity import price_text
from exchange.listings.payment_plan import PaymentPlan
from exchange.listings.schemas.payment import PlanView


class OrderPlanView(PlanView):
    """How a bid would be paid; ``equivalent_price``: the same price as cash at closing, by which the auction ranks."""

    order_id: str
    equivalent_price: str

    @classmethod
    def of_order(cls, order_id: str, plan: PaymentPlan, equivalent_ppm: int) -> "OrderPlanView":
        """From values."""
        return cls(**dict(PlanView.of(plan)), order_id=order_id, equivalent_price=price_text(equivalent_ppm))
