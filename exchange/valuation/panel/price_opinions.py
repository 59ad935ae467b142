"""The opinions of the market, of a contractual lock-up, and of independent appraisers.

Market: the published price in % of NAV for the fund's region and strategy, known on the valuation day. Lock-up: only
for a share that may not be sold for a time by contract; Finnerty's (AAP) discount on the rolled NAV is the point, the
least and greatest of Chaffe, Finnerty and Ghaidarov the range, and Longstaff's bound stands in the inputs. It is never
laid on top of a market price or of a discounted cash flow: their illiquidity is priced already. Appraisal: the newest
one in force, a filed one before others, moved by the flows since its base date.
Example: market 87 % of NAV 88 with a call of 5 and a distribution of 3.2 since: 76.56 + 1.8 = 78.36.
"""

from collections.abc import Sequence

from exchange.core.money import PPM, divide_half_up, unscale_decimal
from exchange.valuation.discount.chaffe import chaffe
from exchange.valuation.discount.finnerty import finnerty
from exchange.valuation.discount.ghaidarov import ghaidarov
from exchange.valuation.discount.longstaff import longstaff_bound
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.columns import Columns, net_flows_after
from exchange.valuation.panel.facts import AppraisalFact, FundFacts
from exchange.valuation.panel.nav_opinions import reference_inputs
from exchange.valuation.panel.opinion import Input, Kind, ModelName, Note, Opinion
from exchange.valuation.panel.speak import Voice, computed, ratio, rounded, silent
from exchange.valuation.pricing.closing import closing_payment
from exchange.valuation.pricing.market import MarketRange, market_range
from exchange.valuation.status import Status

DAYS_A_YEAR = 365
NOT_BOUNDS = ("finnerty", "ghaidarov", "chaffe")


def market(columns: Columns, assumptions: Sequence[Assumptions]) -> list[Opinion]:
    """What is paid for such funds, as a payment on the valuation day."""
    known: dict[tuple[int, str, str, int], MarketRange] = {}
    found = []
    for row, (fund, assumed) in enumerate(zip(columns.facts, assumptions, strict=True)):
        if columns.status[row] != Status.OK:
            found.append(silent(ModelName.MARKET_PRICE, Kind.MARKET_PRICE, Status(columns.status[row])))
            continue
        key = (id(assumed.market_prices), assumed.region, fund.strategy, fund.valued_on.toordinal())
        if key not in known:
            known[key] = market_range(assumed.market_prices, assumed.region, fund.strategy, fund.valued_on)
        found.append(_market_opinion(columns, row, known[key]))
    return found


def lock_up(columns: Columns, assumptions: Sequence[Assumptions]) -> list[Opinion]:
    """The rolled NAV less the discount of a contractual lock-up; silent for a share without one."""
    return [_lock_up_opinion(columns, row, assumed) for row, assumed in enumerate(assumptions)]


def appraisal(columns: Columns) -> list[Opinion]:
    """The independent appraisal in force, silent without one."""
    found = []
    for row, fund in enumerate(columns.facts):
        chosen, notes = appraisal_in_force(fund)
        if chosen is None or columns.status[row] != Status.OK:
            status = Status.NOT_APPLICABLE if columns.status[row] == Status.OK else Status(columns.status[row])
            found.append(silent(ModelName.APPRAISAL, Kind.APPRAISAL, status, notes))
            continue
        called, paid_out = net_flows_after(fund, chosen.base_date)
        figures = tuple(
            float(minor + called - paid_out) for minor in (chosen.low_minor, chosen.point_minor, chosen.high_minor)
        )
        voice = Voice.of(columns, row)
        inputs = (
            voice.money("appraised_value", chosen.point_minor, "appraised", chosen.source, chosen.base_date),
            computed("appraisal", chosen.appraisal_id, "text", chosen.base_date),
            computed("valid_until", chosen.valid_until.isoformat(), "date", chosen.base_date),
        )
        found.append(voice.opinion(ModelName.APPRAISAL, Kind.APPRAISAL, figures, notes=notes, inputs=inputs))
    return found


def appraisal_in_force(fund: FundFacts) -> tuple[AppraisalFact | None, tuple[Note, ...]]:
    """The newest appraisal in force on the valuation day, a filed one first, and what a reader must know of it."""
    begun = [each for each in fund.appraisals if each.base_date <= fund.valued_on]
    valid = [each for each in begun if fund.valued_on <= each.valid_until]
    if not valid:
        expired = max((each.valid_until for each in begun), default=None)
        return None, (Note("APPRAISAL_EXPIRED", (("date", str(expired)),)),) if expired else (Note("NO_APPRAISAL"),)
    chosen = max(valid, key=lambda each: (each.filed_on is not None, each.base_date, each.appraisal_id))
    return chosen, () if chosen.filed_on else (Note("APPRAISAL_NOT_FILED"),)


def _market_opinion(columns: Columns, row: int, found: MarketRange) -> Opinion:
    model, kind = ModelName.MARKET_PRICE, Kind.MARKET_PRICE
    inputs = reference_inputs(columns, row)
    published = found.row
    if found.low_ppm is None or found.mid_ppm is None or found.high_ppm is None or published is None:
        return silent(model, kind, found.status, found.notes, inputs)
    voice = Voice.of(columns, row)
    if voice.nav_minor <= 0:
        return silent(model, kind, Status.NAV_NOT_POSITIVE, found.notes, inputs)
    figures = tuple(
        float(closing_payment(voice.nav_minor, ppm, voice.called_minor, voice.paid_out_minor).payment_minor)
        for ppm in (found.low_ppm, found.mid_ppm, found.high_ppm)
    )
    price = Input(
        "market_price",
        unscale_decimal(published.mid_ppm, 6),
        "ratio",
        "reported",
        f"{published.source} · {published.strategy} · {published.period}",
        published.published_on,
    )
    return voice.opinion(model, kind, figures, notes=found.notes, inputs=(*inputs, price))


def _lock_up_opinion(columns: Columns, row: int, assumed: Assumptions) -> Opinion:
    model, kind, fund = ModelName.LOCK_UP_DISCOUNT, Kind.MODEL_PRICE, columns.facts[row]
    if not columns.good[row]:
        return silent(model, kind, Status(columns.roll_status[row]))
    if fund.lock_up_days <= 0:
        return silent(model, kind, Status.NOT_APPLICABLE, (Note("NO_LOCK_UP"),))
    volatility, dividends, risk_free = (
        assumed.lock_up_volatility,
        assumed.lock_up_dividend_yield,
        assumed.risk_free_rate,
    )
    if volatility is None or risk_free is None:
        return silent(model, kind, Status.PARAMETERS_MISSING)
    q = dividends.value_ppm / PPM if dividends else 0.0
    years = fund.lock_up_days / DAYS_A_YEAR
    sigma, rate = volatility.value_ppm / PPM, risk_free.value_ppm / PPM
    by_name = {
        "finnerty": finnerty(sigma, years, q),
        "ghaidarov": ghaidarov(sigma, years, q),
        "chaffe": chaffe(sigma, years, rate, q),
    }
    bound = longstaff_bound(sigma, years)
    statuses = [int(each.status) for each in by_name.values()] + [int(bound.status)]
    status = next((Status(code) for code in statuses if code), Status.OK)
    shown = [ratio("volatility", volatility), ratio("risk_free_rate", risk_free)]
    shown += [ratio("dividend_yield", dividends)] if dividends else []
    inputs = [*reference_inputs(columns, row), computed("lock_up_days", str(fund.lock_up_days), "days"), *shown]
    if status != Status.OK:
        return silent(model, kind, status, inputs=inputs)
    discounts = {name: float(each.discount) for name, each in by_name.items()}
    discounts["longstaff_bound"] = float(bound.bound)
    inputs += [computed(name, unscale_decimal(rounded(value * PPM), 6), "ratio") for name, value in discounts.items()]
    rolled = int(columns.rolled_minor[row])
    models = [
        discounts["finnerty"],
        min(discounts[name] for name in NOT_BOUNDS),
        max(discounts[name] for name in NOT_BOUNDS),
    ]
    point, high, low = (float(divide_half_up(rolled * (PPM - rounded(value * PPM)), PPM)) for value in models)
    notes = (Note("NOT_ON_TOP_OF_A_MARKET_PRICE"),)
    return Voice.of(columns, row).opinion(model, kind, (low, point, high), notes=notes, inputs=inputs)
