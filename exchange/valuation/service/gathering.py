"""What is known about funds on a day, and what the market assumes for them: the inputs of a panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from exchange.core.money import divide_half_up
from exchange.core.terms import SourceMark
from exchange.funds import service as funds
from exchange.funds.kinds import CashFlowKind
from exchange.funds.service import CashFlowRow, FoundSchedule, FundRow, NavStatementRow
from exchange.infra.database import Tx
from exchange.rulebook import service as rulebook
from exchange.valuation import store
from exchange.valuation.market import regions_of, strategy_class
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.facts import AppraisalFact, BalanceFact, FlowFact, FundFacts, HoldingFact, NavFact
from exchange.valuation.parameters import Parameter, Selection
from exchange.valuation.tables import AppraisalRow, ValuationParameterRow


@dataclass(frozen=True, slots=True)
class Inputs:
    """What each fund's panel is made from, fund by fund in the order asked for."""

    facts: tuple[FundFacts, ...]
    assumptions: tuple[Assumptions, ...]


def inputs_of(
    tx: Tx,
    fund_ids: Sequence[str],
    valued_on: date,
    *,
    profile: str,
    seller_is_state_owned: bool = False,
    lock_up_days: int = 0,
) -> Inputs:
    """Facts and assumptions of funds on a day, in a fixed number of statements whatever the number of funds.

    Seller and lock-up in days are those of the share to be valued, and go for every fund named.
    """
    rows = funds.funds_by_id(tx, fund_ids)
    histories = funds.histories(tx, fund_ids, valued_on)
    appraisals = store.filed_appraisals(tx, fund_ids, valued_on)
    selection = Selection(map(parameter_of, store.current_parameters(tx)), valued_on)
    rules = rulebook.profile(profile, valued_on)
    facts = tuple(
        _facts(
            rows[fund_id],
            valued_on,
            statements=histories.statements[fund_id],
            flows=histories.flows[fund_id],
            schedule=histories.schedules.get(fund_id),
            appraisals=appraisals[fund_id],
            seller_is_state_owned=seller_is_state_owned,
            lock_up_days=lock_up_days,
        )
        for fund_id in fund_ids
    )
    assumptions = tuple(
        selection.assumptions(
            regions_of(rows[fund_id].currency, rows[fund_id].legal_form.value),
            strategy_class(rows[fund_id].strategy),
            stale_after_days=rules.nav_warning_days.value,
            refused_after_days=rules.nav_block_days.value,
        )
        for fund_id in fund_ids
    )
    return Inputs(facts, assumptions)


def parameter_of(row: ValuationParameterRow) -> Parameter:
    """A parameter as a value."""
    return Parameter(
        kind=row.kind,
        region=row.region,
        strategy=row.strategy,
        name=row.name,
        effective_on=row.effective_on,
        values=row.values,
        mark=row.source_mark,
        source=row.source,
    )


def whole_account(row: AppraisalRow, subscribed_minor: int) -> Mapping[str, int]:
    """Low, point and high of an appraisal, brought from the amount it values to a whole capital account."""
    return {
        name: divide_half_up(minor * subscribed_minor, row.amount_minor)
        for name, minor in (("low", row.low_minor), ("point", row.point_minor), ("high", row.high_minor))
    }


def _facts(
    fund: FundRow,
    valued_on: date,
    *,
    statements: Sequence[NavStatementRow],
    flows: Sequence[CashFlowRow],
    schedule: FoundSchedule | None,
    appraisals: Sequence[tuple[AppraisalRow, date]],
    seller_is_state_owned: bool,
    lock_up_days: int,
) -> FundFacts:
    subscribed = statements[-1].subscribed_minor if statements else None
    return FundFacts(
        fund_id=fund.id,
        code=fund.code,
        currency=fund.currency,
        strategy=strategy_class(fund.strategy).value,
        vintage=fund.vintage,
        valued_on=valued_on,
        statements=tuple(map(_nav_fact, statements)),
        flows=tuple(map(_flow_fact, flows)),
        holdings=_holding_facts(schedule),
        balance=None if schedule is None else _balance_fact(schedule),
        appraisals=tuple(
            _appraisal_fact(row, filed_on, subscribed or row.amount_minor) for row, filed_on in appraisals
        ),
        lock_up_days=lock_up_days,
        is_state_owned=seller_is_state_owned,
    )


def _nav_fact(row: NavStatementRow) -> NavFact:
    return NavFact(
        statement_id=row.id,
        as_of=row.as_of,
        nav_minor=row.nav_minor,
        subscribed_minor=row.subscribed_minor,
        paid_in_minor=row.paid_in_minor,
        distributed_minor=row.distributed_minor,
        unfunded_minor=row.unfunded_minor,
        mark=SourceMark(row.source_mark),
        source=row.source,
    )


def _flow_fact(row: CashFlowRow) -> FlowFact:
    """A restatement is signed as investors' payments, so it counts as a call."""
    is_distribution = row.kind is CashFlowKind.DISTRIBUTION
    return FlowFact(
        on=row.occurred_on,
        called_minor=0 if is_distribution else row.amount_minor,
        paid_out_minor=row.amount_minor if is_distribution else 0,
        effect_on_unfunded_minor=row.effect_on_unfunded_minor,
        mark=SourceMark(row.source_mark),
        source=row.source,
    )


def _holding_facts(schedule: FoundSchedule | None) -> tuple[HoldingFact, ...]:
    if schedule is None:
        return ()
    return tuple(
        HoldingFact(
            name=line.name,
            owned_ppm=line.owned_ppm,
            fair_value_minor=line.fair_value_minor,
            method=line.method.value,
            as_of=schedule.row.as_of,
            mark=SourceMark(line.source_mark),
            source=line.source,
            lock_up_days=line.lock_up_days,
            volatility_ppm=line.volatility_ppm,
            dividend_yield_ppm=line.dividend_yield_ppm,
        )
        for line in schedule.investments
    )


def _balance_fact(schedule: FoundSchedule) -> BalanceFact:
    row = schedule.row
    return BalanceFact(
        as_of=row.as_of,
        cash_minor=row.cash_minor,
        other_assets_minor=row.other_assets_minor,
        debt_minor=row.debt_minor,
        fees_payable_minor=row.fees_payable_minor,
        accrued_carry_minor=row.accrued_carry_minor,
        investor_share_ppm=row.investor_share_ppm,
        mark=SourceMark(row.source_mark),
        source=row.source,
    )


def _appraisal_fact(row: AppraisalRow, filed_on: date, subscribed_minor: int) -> AppraisalFact:
    account = whole_account(row, subscribed_minor)
    return AppraisalFact(
        appraisal_id=row.id,
        base_date=row.base_on,
        valid_until=row.valid_until,
        filed_on=filed_on,
        low_minor=account["low"],
        point_minor=account["point"],
        high_minor=account["high"],
        source=f"{row.appraiser}, {row.report_number}",
    )
