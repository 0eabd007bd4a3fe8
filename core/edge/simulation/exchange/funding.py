"""Funding: what a position pays or receives when an interval ends."""

from decimal import Decimal

from perptape.core.money import amount


def funding_payment(size: Decimal, contract_size: Decimal, mark: Decimal, rate: Decimal) -> Decimal:
    """-size * contract_size * mark * rate, rounded to 1e-8: longs pay a positive rate, shorts receive it."""
    return amount(-size * contract_size * mark * rate)
