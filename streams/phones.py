"""Phone numbers in one form, E.164, so that the same person is the same number on every road."""

import re

_DIGITS = re.compile(r"[^\d+]")


def e164(text: str, country: str = "254") -> str:
    """Give a number as +254…; what cannot be one (a sender name, a short code) is given back as it is, stripped."""
    number = _DIGITS.sub("", text)
    if number.startswith("+"):
        return number
    if number.startswith("00"):
        return "+" + number[2:]
    if number.startswith("0") and len(number) == 10:
        return f"+{country}{number[1:]}"
    if number.startswith(country) and len(number) == len(country) + 9:
        return "+" + number
    if len(number) == 9 and number[0] in "17":
        return f"+{country}{number}"
    return text.strip()
