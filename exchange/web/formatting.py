"""Every figure a person reads: money, percentages, prices, dates and durations, in Chinese and English.

Money in Chinese: from 1 亿 on in 亿, from 1 万 on in 万, else in the currency's unit; in English bn, m, else full.
The full figure stands in a tip. A missing figure is an em dash with its reason, never 0.
Dates: 2026-06-30; times 24 h in Asia/Shanghai with the zone in a tip.
"""

import datetime as dates
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from exchange.core.clock import MARKET_ZONE
from exchange.core.money import MINOR_DIGITS, PPM, Money
from exchange.web.capitals import in_capitals
from exchange.web.catalogue import Catalogue

CURRENCY_ZH = {"CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元", "GBP": "英镑"}
CURRENCY_EN = {"CNY": "RMB", "USD": "USD", "EUR": "EUR", "HKD": "HKD", "GBP": "GBP"}
MISSING = "—"
STALE_AFTER = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Unit:
    """A display unit: how many units of the currency it holds, as a power of ten, and its name."""

    power: int
    name: str
    decimals: int = 2


YI, WAN, ONE_ZH = Unit(8, "亿"), Unit(4, "万"), Unit(0, "")
BILLION, MILLION, ONE_EN = Unit(9, "bn"), Unit(6, "m"), Unit(0, "")


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _major(money: Money) -> Decimal:
    return Decimal(money.minor).scaleb(-MINOR_DIGITS[money.currency])


class Formatter:
    """All formatting for one language. Stateless but for the language and its words."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.words = catalogue
        self.chinese = catalogue.language == "zh"
        self.locale = "zh_CN" if self.chinese else "en_GB"

    # -- money ---------------------------------------------------------------------------------------------

    def unit_of(self, money: Money) -> Unit:
        """The unit in which one amount is shown."""
        major = abs(_major(money))
        if self.chinese:
            return YI if major >= 10**8 else WAN if major >= 10**4 else ONE_ZH
        return BILLION if major >= 10**9 else MILLION if major >= 10**5 else ONE_EN

    def column_unit(self, amounts: Iterable[Money | None]) -> Unit:
        """One unit for a whole column: that of the smallest shown amount, so that nothing vanishes."""
        units = [self.unit_of(money) for money in amounts if money is not None and money.minor]
        return min(units, key=lambda unit: unit.power) if units else (ONE_ZH if self.chinese else ONE_EN)

    def unit_label(self, unit: Unit, currency: str) -> str:
        """The words of a column header: 万元, 亿美元, USD m."""
        if self.chinese:
            return f"{unit.name}{CURRENCY_ZH[currency]}"
        return f"{CURRENCY_EN[currency]} {unit.name}".strip()

    def decimal(self, value: Decimal, decimals: int = 2) -> str:
        """A number with separators and fixed decimals."""
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        return str(format_decimal(_rounded(value, decimals), format=pattern, locale=self.locale))

    def in_unit(self, money: Money, unit: Unit) -> str:
        """The number alone, for a column whose header carries the unit."""
        return self.decimal(_major(money).scaleb(-unit.power), unit.decimals)

    def money_text(self, money: Money) -> str:
        """Amount with its unit: 3,500.00 万元; RMB 35.00m."""
        unit = self.unit_of(money)
        number = self.in_unit(money, unit)
        if self.chinese:
            return f"{number} {unit.name}{CURRENCY_ZH[money.currency]}"
        return f"{CURRENCY_EN[money.currency]} {number}{unit.name}"

    def money_full(self, money: Money) -> str:
        """The exact amount in currency units: 35,000,000.00 元; RMB 35,000,000.00."""
        number = self.decimal(_major(money), MINOR_DIGITS[money.currency])
        if self.chinese:
            return f"{number} {CURRENCY_ZH[money.currency]}"
        return f"{CURRENCY_EN[money.currency]} {number}"

    def money(self, money: Money | None, reason: str = "not_disclosed") -> Markup:
        """Amount with the exact figure in a tip; a dash with its reason when it is missing."""
        if money is None:
            return self.missing(reason)
        return self._data(money, self.money_text(money))

    def cell(self, money: Money | None, unit: Unit, reason: str = "not_disclosed") -> Markup:
        """Amount in a column of one unit, exact figure in a tip."""
        return self.missing(reason) if money is None else self._data(money, self.in_unit(money, unit))

    def amount(self, money: Money | None, unit: Unit, reason: str = "not_disclosed") -> Markup:
        """Amount in a column of one unit but several currencies: the currency stands beside each figure."""
        if money is None:
            return self.missing(reason)
        label = self.unit_label(unit, money.currency)
        number = self.in_unit(money, unit)
        return self._data(money, f"{number} {label}" if self.chinese else f"{label.split()[0]} {number}{unit.name}")

    def capitals(self, money: Money) -> str:
        """The amount in Chinese capitals, whatever the page's language."""
        return in_capitals(money.minor, money.currency)

    def _data(self, money: Money, text: str) -> Markup:
        return Markup('<data class="money" value="{}" data-tip="{}">{}</data>').format(
            money.text(), self.money_full(money), text
        )

    def missing(self, reason: str = "not_disclosed") -> Markup:
        """An em dash whose reason is read out and shown on focus."""
        words = self.words(f"missing.{reason}")
        return Markup(
            '<span class="missing" tabindex="0" role="img" aria-label="{0}" data-tip="{0}">{1}</span>'
        ).format(words, MISSING)

    # -- ratios --------------------------------------------------------------------------------------------

    def percent(self, ppm: int | None, decimals: int = 2) -> Markup | str:
        """Parts per million as a percentage; up to four decimals where the figure has them."""
        if ppm is None:
            return self.missing()
        shown = 4 if ppm % 100 and decimals < 4 else decimals
        return f"{self.decimal(Decimal(ppm).scaleb(-4), shown)}%"

    def percent_rounded(self, ppm: int | None, reason: str = "no_figure") -> Markup | str:
        """A model's figure: a percentage with two decimals, since more would claim too much."""
        return self.missing(reason) if ppm is None else f"{self.decimal(Decimal(ppm).scaleb(-4), 2)}%"

    def price(self, ppm: int) -> str:
        """A price in words: 净值的 85.50%（折价 14.50%）."""
        distance = self.percent(abs(PPM - ppm))
        key = "par" if ppm == PPM else "discount" if ppm < PPM else "premium"
        return self.words(f"price.{key}", price=self.percent(ppm), distance=distance)

    def distance(self, ppm: int) -> str:
        """Only the discount or premium to NAV, in words."""
        key = "par_short" if ppm == PPM else "discount_short" if ppm < PPM else "premium_short"
        return self.words(f"price.{key}", distance=self.percent(abs(PPM - ppm)))

    def multiple(self, ppm: int | None) -> Markup | str:
        """A multiple such as TVPI: 1.48x."""
        return self.missing() if ppm is None else f"{self.decimal(Decimal(ppm).scaleb(-6), 2)}x"

    def change(self, ppm: int | None) -> Markup:
        """A change with sign and arrow; colour is never the only mark."""
        if ppm is None:
            return self.missing("no_comparison")
        kind, arrow = ("up", "▲") if ppm > 0 else ("down", "▼") if ppm < 0 else ("flat", "■")
        sign = "+" if ppm > 0 else "−" if ppm < 0 else ""
        number = self.decimal(Decimal(abs(ppm)).scaleb(-4), 2)
        return Markup('<span class="change {}"><span aria-hidden="true">{}</span> {}{}%</span>').format(
            kind, arrow, sign, number
        )

    # -- time ----------------------------------------------------------------------------------------------

    def date(self, day: dates.date | None, reason: str = "not_disclosed") -> Markup:
        """2026-06-30, or a dash with the reason."""
        if day is None:
            return self.missing(reason)
        return Markup('<time datetime="{0}">{0}</time>').format(day.isoformat())

    def long_date(self, day: dates.date) -> str:
        """2026年6月30日; 30 June 2026."""
        return str(format_date(day, format="long", locale=self.locale))

    def quarter(self, day: dates.date) -> str:
        """2026Q2."""
        return f"{day.year}Q{(day.month + 2) // 3}"

    def instant(self, moment: datetime | None, reason: str = "not_yet", *, seconds: bool = False) -> Markup:
        """2026-06-30 14:05 in the market's zone, the zone in a tip."""
        if moment is None:
            return self.missing(reason)
        local = moment.astimezone(MARKET_ZONE)
        pattern = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
        return Markup('<time datetime="{}" data-tip="{}">{}</time>').format(
            moment.isoformat(), self.words("time.zone"), local.strftime(pattern)
        )

    def clock(self, moment: datetime) -> str:
        """The market's clock as text: 2026-07-15 09:30."""
        return moment.astimezone(MARKET_ZONE).strftime("%Y-%m-%d %H:%M")

    def remaining(self, until: datetime | None, now: datetime) -> Markup:
        """How long until an instant, counted down by the page, with the exact time in a tip."""
        if until is None:
            return self.missing("open_ended")
        return Markup('<time class="countdown{}" datetime="{}" data-countdown data-tip="{}">{}</time>').format(
            " soon" if timedelta() < until - now <= timedelta(days=1) else "",
            until.isoformat(),
            self.clock(until),
            self.duration(until - now),
        )

    def duration(self, span: timedelta) -> str:
        """The two largest parts of a span in words; ``ended`` when it is over."""
        seconds = int(span.total_seconds())
        if seconds <= 0:
            return self.words("time.ended")
        days, rest = divmod(seconds, 86_400)
        hours, rest = divmod(rest, 3600)
        minutes, seconds = divmod(rest, 60)
        key = "days" if days else "hours" if hours else "minutes"
        return self.words(f"time.{key}", days=days, hours=hours, minutes=minutes, seconds=seconds)

    def is_stale(self, as_of: dates.date, today: dates.date) -> bool:
        """A NAV older than 180 days carries a banner."""
        return today - as_of > STALE_AFTER

    def strategy(self, name: str) -> str:
        """A fund's strategy in words; as the manager wrote it when we have no word for it."""
        key = f"strategy.{name}"
        return self.words(key) if self.words.has(key) else name

    # -- identifiers ---------------------------------------------------------------------------------------

    def code(self, identifier: str) -> Markup:
        """The last eight characters of an id, the whole of it in a tip."""
        return Markup('<code class="id" data-tip="{}">{}</code>').format(identifier, escape(identifier[-8:]))
