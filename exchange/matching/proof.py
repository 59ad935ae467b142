"""The proof of an award: everything it was made from and every step, as one canonical text with its hash.

Canonical: JSON with sorted keys, no spaces, integers and text only, bids in time order. Anyone who has the proof
recomputes the award from its bids, limits and policy and compares the hash.

Worked example: `replay(proof_of(award))` is an award with the same proof; changing one amount by one fen in the
proof makes `is_proven` false.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from exchange.core.terms import FirstRefusalMode
from exchange.matching.after_award import apply_match_right, match_right_offers
from exchange.matching.allocation import allocate
from exchange.matching.award import AuctionPolicy, Award, Fill, LimitRules, Limits, Margin, Standby
from exchange.matching.bid_columns import BID_COLUMNS, Bid, bid_rows
from exchange.matching.priority import PriorityPolicy

PROOF_VERSION = 1
_FILL_COLUMNS = tuple(column.name for column in fields(Fill))


def proof_of(award: Award) -> dict[str, Any]:
    """The proof as plain JSON values; prices in ppm, amounts in minor units of subscribed capital."""
    columns = award.columns
    return {
        "version": PROOF_VERSION,
        "policy": _policy(award.policy),
        "supply_minor": award.supply_minor,
        "limits": asdict(award.limits),
        "bids": {"columns": list(BID_COLUMNS), "rows": bid_rows(columns)},
        "taken": dict(award.taken),
        "ranking": [columns.bid_ids[row] for row in award.ranking().tolist()],
        "steps": [dict(step) for step in award.outcome.steps],
        "fills": [_fill(fill) for fill in award.fills],
        "backups": [_standby(backup) for backup in award.backups],
        "excluded": [_standby(bid) for bid in award.excluded],
        "clearing_price_ppm": award.clearing_price_ppm,
        "unsold_minor": award.unsold_minor,
        "proceeds_ppm_minor": award.outcome.proceeds_ppm_minor,
        "counterfactual": {
            "priority": str(PriorityPolicy.PRICE_FIRST),
            "fills": [_fill(fill) for fill in award.counterfactual_fills],
            "proceeds_ppm_minor": award.counterfactual.proceeds_ppm_minor,
        },
        "priority_cost_ppm_minor": award.priority_cost_ppm_minor,
    }


def canonical(proof: Mapping[str, Any]) -> bytes:
    """The one text of a proof that is hashed."""
    return json.dumps(proof, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def proof_hash(proof: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(proof)).hexdigest()


def replay(proof: Mapping[str, Any]) -> Award:
    """The award recomputed from the bids, limits, policy and takings that a proof states."""
    names = proof["bids"]["columns"]
    bids = [Bid(**dict(zip(names, row, strict=True))) for row in proof["bids"]["rows"]]
    stated = dict(proof["limits"])
    limits = Limits(**{**stated, "rules": LimitRules(**stated["rules"])})
    stated_policy = proof["policy"]
    policy = AuctionPolicy(
        PriorityPolicy(stated_policy["priority"]),
        Margin(stated_policy["margin"]),
        FirstRefusalMode(stated_policy.get("first_refusal", FirstRefusalMode.AFTER_BIDDING)),
    )
    award = allocate(bids, proof["supply_minor"], limits, policy)
    return apply_match_right(award, proof["taken"])


def matched_bid(proof: Mapping[str, Any], bid_id: str, price_ppm: int) -> str:
    """The bid whose terms a fill has: the best winner's when it was taken under the match right, else its own."""
    fills = proof["fills"]
    if not any(
        fill["by_match_right"] and fill["bid_id"] == bid_id and fill["price_ppm"] == price_ppm for fill in fills
    ):
        return bid_id
    return match_right_offers(replay({**proof, "taken": {}}))[0].terms_of_bid_id


def is_proven(proof: Mapping[str, Any], expected_hash: str) -> bool:
    """Whether a proof has the hash it was published with and states what its bids give when recomputed."""
    return proof_hash(proof) == expected_hash == proof_hash(proof_of(replay(proof)))


def _policy(policy: AuctionPolicy) -> dict[str, str]:
    """The policy in words; what partners may do is named only where they exercise in the auction."""
    words = {"priority": str(policy.priority), "margin": str(policy.margin)}
    if policy.first_refusal is not FirstRefusalMode.AFTER_BIDDING:
        words["first_refusal"] = str(policy.first_refusal)
    return words


def _fill(fill: Fill) -> dict[str, Any]:
    return {name: getattr(fill, name) for name in _FILL_COLUMNS}


def _standby(standby: Standby) -> dict[str, Any]:
    return {"bid_id": standby.bid_id, "reason": str(standby.reason), "rule": standby.rule}
