"""The payment at closing to the fen, with the worked examples and the edges of the rule book."""

from exchange.valuation.pricing.closing import closing_payment, headline_of, ppm_of, unfunded_at_closing

YUAN = 100
NAV, CALLED, PAID_OUT = 88_000_000 * YUAN, 5_000_000 * YUAN, 3_200_000 * YUAN


def test_example_a_to_the_fen() -> None:
    found = closing_payment(NAV, 825_000, CALLED, PAID_OUT)
    assert found.base_minor == 72_600_000 * YUAN
    assert found.payment_minor == 74_400_000 * YUAN
    assert found.rolled_nav_minor == 89_800_000 * YUAN
    assert found.rolled_ppm == 828_508  # 82.85 %
    assert unfunded_at_closing(30_000_000 * YUAN, CALLED, 1_000_000 * YUAN) == 26_000_000 * YUAN


def test_a_part_scales_nav_and_flows() -> None:
    found = closing_payment(NAV * 40 // 100, 825_000, CALLED * 40 // 100, PAID_OUT * 40 // 100)
    assert (found.base_minor, found.payment_minor) == (29_040_000 * YUAN, 29_760_000 * YUAN)


def test_a_seller_may_have_to_pay() -> None:
    found = closing_payment(10_000_000 * YUAN, 1_000_000, 0, 12_000_000 * YUAN)
    assert found.payment_minor == -2_000_000 * YUAN
    assert found.rolled_nav_minor < 0
    assert found.rolled_ppm is None


def test_the_base_is_rounded_half_up_once() -> None:
    assert closing_payment(1, 500_000).base_minor == 1
    assert closing_payment(1, 499_999).base_minor == 0
    assert closing_payment(-1, 500_000).base_minor == -1


def test_without_flows_the_payment_is_the_base() -> None:
    found = closing_payment(NAV, 1_000_000)
    assert found.payment_minor == found.base_minor == found.rolled_nav_minor == NAV
    assert found.rolled_ppm == 1_000_000


def test_a_headline_comes_back_from_its_payment() -> None:
    assert headline_of(74_400_000 * YUAN, NAV, CALLED, PAID_OUT) == 825_000
    assert headline_of(1, 0) is None
    assert headline_of(1, -5) is None
    assert ppm_of(-1, 3) == -333_333


def test_huge_amounts_stay_exact() -> None:
    assert closing_payment(10**17 - 1, 999_999).base_minor == 99_999_899_999_999_999
