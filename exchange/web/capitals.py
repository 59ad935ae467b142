"""Amounts in Chinese capitals (大写金额), as they stand on a payment instrument.

Source: the People's Bank of China's rules for filling in bills and settlement vouchers (正确填写票据和结算凭证的
基本规定): groups of four digits, one 零 for a run of zeros, 整 when there are no 分.
Example: 3,500,000,000 minor units -> 叁仟伍佰万元整.
"""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def _group(number: int) -> str:
    """Four digits in capitals without leading zeros; inner runs of zeros become one 零."""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return text


def _whole(number: int) -> str:
    text, gap = "", False
    for index in (3, 2, 1, 0):
        part = number // 10 ** (4 * index) % 10_000
        if part == 0:
            gap = bool(text)
            continue
        linked = gap or (bool(text) and part < 1000)
        text += ("零" if linked else "") + _group(part) + GROUPS[index]
        gap = False
    return text


def in_capitals(minor: int, currency: str = "CNY") -> str:
    """The amount (minor units) in Chinese capitals; other currencies name themselves first."""
    names = {"CNY": "", "USD": "美元", "EUR": "欧元", "HKD": "港元", "GBP": "英镑"}
    yuan, fen = divmod(abs(minor), 100)
    jiao, fen = divmod(fen, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    if fen:
        text += f"{DIGITS[fen]}分"
    else:
        text = f"{text or '零元'}整"
    return f"{names.get(currency, '')}{'负' if minor < 0 else ''}{text}"
