import pytest

from exchange.core.quantity import NavBasis
from exchange.listings.errors import PriceInputInvalid, StepInvalid
from exchange.listings.pricing import PriceInput, check_tick, echo, percent, price_of, ratio

BASIS = NavBasis(8_800_000_000, 10_000_000_000)
WHOLE = 10_000_000_000
TICK = 500


def test_a_percentage_a_unit_price_and_a_total_state_the_same_price() -> None:
    for entered in (PriceInput(ratio="0.825"), PriceInput(unit_price="0.726"), PriceInput(total="72600000.00")):
        assert price_of(entered, BASIS, WHOLE, "CNY", TICK) == 825_000


def test_all_three_forms_are_echoed() -> None:
    forms = echo(825_000, BASIS, WHOLE)
    assert (forms.unit_price, forms.total_minor) == ("0.726000", 7_260_000_000)
    assert percent(825_000) == "82.50%"
    assert percent(500) == "0.05%"
    assert percent(825_250) == "82.525%" or percent(825_250) == "82.5250%"
    assert ratio(825_000) == "0.8250"


@pytest.mark.parametrize("entered", [PriceInput(), PriceInput(ratio="0.8", total="1.00")])
def test_exactly_one_form_is_taken(entered: PriceInput) -> None:
    with pytest.raises(PriceInputInvalid) as refused:
        price_of(entered, BASIS, WHOLE, "CNY", TICK)
    assert refused.value.fields[0].code == "EXACTLY_ONE_PRICE"


@pytest.mark.parametrize("text", ["1e1", "NaN", "", "-", "０.8", "0.8 ", "1_0"])
def test_a_price_is_a_strict_decimal(text: str) -> None:
    with pytest.raises(PriceInputInvalid):
        price_of(PriceInput(ratio=text), BASIS, WHOLE, "CNY", TICK)


@pytest.mark.parametrize("text", ["0", "-0.5", "101"])
def test_a_price_is_above_zero_and_not_absurd(text: str) -> None:
    with pytest.raises(PriceInputInvalid) as refused:
        price_of(PriceInput(ratio=text), BASIS, WHOLE, "CNY", TICK)
    assert refused.value.fields[0].code == "PRICE_OUT_OF_RANGE"


def test_a_price_off_the_tick_names_the_nearest_two() -> None:
    with pytest.raises(StepInvalid) as refused:
        price_of(PriceInput(ratio="0.8253"), BASIS, WHOLE, "CNY", TICK)
    assert refused.value.parameters == {"step": "0.05%", "a": "82.50%", "b": "82.55%"}
    with pytest.raises(StepInvalid) as lowest:
        check_tick(100, TICK)
    assert lowest.value.parameters["a"] == lowest.value.parameters["b"] == "0.05%"
