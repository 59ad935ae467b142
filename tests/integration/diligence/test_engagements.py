"""From a request to a rating: anonymous until the check, sealed until the deadline, checked again at the award."""

from datetime import timedelta

import pytest

from exchange.core.errors import Forbidden, IllegalTransition, RulesBroken
from exchange.core.clock import market_date
from exchange.diligence.advice_errors import (
    AdviserNotAdmitted,
    AlreadyDeclared,
    AlreadyQuoted,
    ConflictOfInterest,
    ConsentNotAsked,
    ConsentsMissing,
    DeliverableInvalid,
    EngagementInvalid,
    EngagementNotFound,
    NotAClientOfTheListing,
    NotCleared,
    NotYetRateable,
    QuoteInvalid,
    QuoteNotFound,
    QuoteOverBudget,
    QuotesClosed,
)
from exchange.diligence.engagement import AdviserKind, EngagementState, FeeBasis, RelationKind
from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.item import ItemState, PartyRole
from exchange.diligence.service import advisers, engagements, findings
from exchange.diligence.service.engaged import role_holders
from exchange.diligence.store.engagement_sights import Stand
from exchange.valuation.service import appraisals
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.advice_world import (
    MILLION,
    Advised,
    a_legal_report,
    a_quote_of,
    a_relation,
    a_request,
    a_valuation_report,
    an_adviser,
    an_advised_deal,
    award,
    declare,
    declare_relations,
    deliver,
    engage,
    give_quote,
    let_quotes_end,
    seen,
    start,
    today_and_now,
    work_through,
)
