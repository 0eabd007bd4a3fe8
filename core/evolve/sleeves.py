"""Sleeves follow the settings: new ones begin, kept ones keep position and memory, dropped ones only wind down."""

from perptape.core.evolve.prices import place_stop
from perptape.core.market import Market, Sleeve
from perptape.core.settings import StrategySettings, TradingSettings
from perptape.core.sleeves import equip, trigger_of

DROPPED = "no longer configured"


def arrange_sleeves(market: Market, settings: TradingSettings) -> None:
    """Give the symbol one sleeve for each strategy that trades it, in the order of the settings.

    Position and results always stay. An open position gets the trailing stop that is now set: from its best price so
    far, or from the present one where none was followed. Memory stays under the same name, kind, parameters, trigger
    and memory schema.
    A strategy that is dropped while its position is open keeps its trailing stop and is asked for nothing more.
    """
    before = {sleeve.strategy: sleeve for sleeve in market.sleeves}
    after = [
        _renewed(before.pop(strategy.name, None), strategy, market, settings)
        for strategy in settings.strategies
        if market.followed and trigger_of(market.symbol, strategy, settings)
    ]
    for sleeve in before.values():
        sleeve.stopped = DROPPED
        after.append(sleeve)
    market.sleeves = after


def _renewed(known: Sleeve | None, strategy: StrategySettings, market: Market, settings: TradingSettings) -> Sleeve:
    sleeve = Sleeve(strategy=strategy.name, settings=strategy, stop_fraction=strategy.trailing_stop)
    equip(sleeve, market.symbol, settings)
    if known is None:
        return sleeve
    sleeve.position, sleeve.result = known.position, known.result
    best = known.best_price or market.price
    if sleeve.stop_fraction is not None and sleeve.position.size and best:
        place_stop(sleeve, best, sleeve.stop_fraction)
    if known.memory_schema == sleeve.memory_schema and _same_logic(known.settings, strategy):
        sleeve.memory = known.memory
    return sleeve


def _same_logic(one: StrategySettings, other: StrategySettings) -> bool:
    return one.kind == other.kind and one.parameters == other.parameters and one.trigger == other.trigger
