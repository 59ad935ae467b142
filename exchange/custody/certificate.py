"""What a certificate of a holding states: its figures in their order, with their names on the paper."""

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "subscribed": "认缴份额 Subscribed capital",
    "paid_in": "其中实缴 Paid in",
    "unfunded": "其中未缴 Unfunded",
    "frozen": "冻结 Frozen",
    "pledged": "质押 Pledged",
    "free": "可转让 Free",
}
FIGURES = tuple(LABELS)
