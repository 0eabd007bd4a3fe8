"""The simulated exchange: a separate, stateful, seeded party in virtual time, with a durable journal of its own."""

from core.edge.exchange.fault_rule import FaultRule
from core.edge.exchange.faults import Faults, ScriptedFaults
from core.edge.exchange.settings import ExchangeSettings, OpeningPosition
from core.edge.exchange.simulated import SimulatedExchange

__all__ = ["ExchangeSettings", "FaultRule", "Faults", "OpeningPosition", "ScriptedFaults", "SimulatedExchange"]
