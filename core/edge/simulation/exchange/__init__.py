"""The simulated exchange: a separate, stateful, seeded party in virtual time, with a durable journal of its own."""

from perptape.core.edge.simulation.exchange.fault_rule import FaultRule
from perptape.core.edge.simulation.exchange.faults import Faults, ScriptedFaults
from perptape.core.edge.simulation.exchange.settings import ExchangeSettings, OpeningPosition
from perptape.core.edge.simulation.exchange.simulated import SimulatedExchange

__all__ = ["ExchangeSettings", "FaultRule", "Faults", "OpeningPosition", "ScriptedFaults", "SimulatedExchange"]
