"""Whatever text arrives, a number is taken exactly or not at all."""

import contextlib
import json
import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from exchange.core.money import money_from_text
from exchange.rest.body import MalformedBody, parse
from exchange.rest.numbers import AmountText, RatioText, ratio_ppm, ratio_text

AMOUNT = TypeAdapter(AmountText)
RATIO = TypeAdapter(RatioText)
NEAR_NUMBERS = st.text(alphabet="0123456789.-+eE_ ,\n\t\u0661\uff11NaInfty", max_size=25)


@given(NEAR_NUMBERS | st.text(max_size=30))
def test_text_is_an_exact_amount_or_refused(text: str) -> None:
    is_amount = re.fullmatch(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?", text, re.ASCII) is not None
    try:
        taken = AMOUNT.validate_python(text)
    except ValidationError:
        assert not is_amount
        return
    assert is_amount
    assert Decimal(money_from_text(taken, "CNY").text()) == Decimal(text)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_a_ratio_survives_the_wire(ppm: int) -> None:
    assert ratio_ppm(RATIO.validate_python(ratio_text(ppm))) == ppm


NEAR_JSON = st.text(alphabet=[*'{}[]":,0123456789eENaInfity\\u', chr(0xD800), chr(0)], max_size=80)


@given(st.binary(max_size=200) | NEAR_JSON.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_value_or_a_refusal_of_ours(raw: bytes) -> None:
    with contextlib.suppress(MalformedBody):
        assert parse(raw) == json.loads(raw)


PLAIN = st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=10)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_good_json_passes_unchanged(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
