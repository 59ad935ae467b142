"""Judge bids against a reading of the world, counting down what the accepted ones of the same batch take.

Shared by placing (under locks) and checking (without): the same rules, the same numbers.
"""

from dataclasses import dataclass
from datetime import date, datetime

from exchange.core.clock import market_date
from exchange.core.errors import Breach
from exchange.core.terms import BuyerClass
from exchange.infra.database import Tx
from exchange.matching.clearance import gate_breaches
from exchange.matching.errors import BookNotFound
from exchange.matching.holds import deposit_minor
from exchange.matching.order_rules import (
    BookFacts,
    OrderTerms,
    Requirements,
    book_breaches,
    cover_breaches,
    party_breaches,
    terms_breaches,
)
from exchange.matching.order_terms import NewOrder
from exchange.matching.store.intake import Account, Reading
from exchange.parties.standing import Standing
from exchange.rulebook.service import calendar, profile


@dataclass(frozen=True, slots=True)
class Judgement:
    """A bid in its book: what it means, what it needs, what it breaks."""

    book: BookFacts
    terms: OrderTerms
    buyer_class: BuyerClass
    group_keys: tuple[str, ...]
    deposit_minor: int
    account: Account | None
    breaches: tuple[Breach, ...]


class Bench:
    """Judges the bids of one batch at one instant; what is common to several bids is judged once."""

    def __init__(self, tx: Tx, reading: Reading, now: datetime) -> None:
        self.tx = tx
        self.reading = reading
        self.now = now
        self.today = market_date(now)
        self._of_book: dict[str, tuple[Breach, ...]] = {}
        self._of_party: dict[tuple[str, str], tuple[Breach, ...]] = {}
        self._needs: dict[str, Requirements] = {}

    def book_of(self, new: NewOrder) -> BookFacts:
        """The book a bid names. BOOK_NOT_FOUND (404) when there is none."""
        reading = self.reading
        book_id = new.book_id or reading.book_of_listing.get(new.listing_id or "")
        book = reading.books.get(book_id or "")
        if book is None:
            raise BookNotFound
        return book

    def judge(self, new: NewOrder, organisation_id: str) -> Judgement:
        """The bid with every rule it breaks."""
        book = self.book_of(new)
        buyer = self.reading.buyers.get(organisation_id) or unknown_buyer(organisation_id, book)
        needs = self.needs_of(book)
        terms = new.terms_in(book.basis, book.currency)
        deposit = deposit_minor(book.basis, book.deposit_ppm, terms.amount_minor, terms.price_ppm)
        account = self.reading.accounts.get((organisation_id, book.currency))
        breaches = (
            *self.book_breaches(book),
            *self.party_breaches(book, buyer),
            *self.gate_breaches(book, organisation_id),
            *terms_breaches(terms, book, needs, self.today),
            *cover_breaches(deposit, account.free_minor if account else 0, book.currency, needs.deposit_rule),
        )
        return Judgement(book, terms, buyer.class_on(self.today), buyer.group_keys, deposit, account, breaches)

    def book_breaches(self, book: BookFacts) -> tuple[Breach, ...]:
        """Why the book takes no new order."""
        found = self._of_book.get(book.id)
        if found is None:
            found = self._of_book[book.id] = book_breaches(book, self.now, self.reading.market_halt)
        return found

    def party_breaches(self, book: BookFacts, buyer: Standing) -> tuple[Breach, ...]:
        """Why the organisation may not buy in the book."""
        key = (buyer.organisation_id, book.id)
        found = self._of_party.get(key)
        if found is None:
            needs = self.needs_of(book)
            last_sale = self.reading.last_sales.get((buyer.organisation_id, book.fund_id))
            resale = resale_from(self.tx, last_sale, book, self.today)
            rules = profile(book.profile, self.today)
            found = self._of_party[key] = party_breaches(book, buyer, rules, needs, self.today, resale)
        return found

    def gate_breaches(self, book: BookFacts, organisation_id: str) -> tuple[Breach, ...]:
        """Why the bid gate of the listing's checklist is shut; a book of many listings asks none."""
        if book.listing_id is None:
            return ()
        return gate_breaches(self.reading.clearances.get((organisation_id, book.listing_id)), self.today)

    def needs_of(self, book: BookFacts) -> Requirements:
        """What the book's market profile asks of a buyer."""
        needs = self._needs.get(book.profile)
        if needs is None:
            needs = self._needs[book.profile] = requirements(self.tx, book.profile, self.today)
        return needs


def unknown_buyer(organisation_id: str, book: BookFacts) -> Standing:
    """An organisation that was never admitted: no record, so no right."""
    return Standing(organisation_id, is_simulated=book.is_simulated, group_keys=(organisation_id,))


def requirements(tx: Tx, profile_name: str, today: date) -> Requirements:
    """What the version of a market profile in force asks."""
    rules = profile(profile_name, today)
    return Requirements(
        interval_days=rules.interval_trading_days.value,
        interval_rule=rules.interval_trading_days.rule_id,
        maximum_price_ppm=rules.maximum_price_ppm.value,
        maximum_price_rule=rules.maximum_price_ppm.rule_id,
        tick_rule=rules.tick_ppm.rule_id,
        minimum_amount_rule=rules.minimum_amount_minor.rule_id,
        maximum_amount_rule=rules.maximum_amount_minor.rule_id,
        deposit_rule=rules.deposit_ppm.rule_id,
        published_years=calendar(tx).years,
    )


def resale_from(tx: Tx, last_sale: datetime | None, book: BookFacts, today: date) -> date | None:
    """The first date on which whoever sold last at that instant may buy again (R-04), None when nothing was sold."""
    if last_sale is None:
        return None
    rules = profile(book.profile, today)
    return calendar(tx).later_of(
        market_date(last_sale),
        trading_days=rules.interval_trading_days.value,
        working_days=rules.interval_working_days.value,
    )
