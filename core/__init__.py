"""The core: what a perpetual-futures bot knows and decides, as folds and decisions over events."""
