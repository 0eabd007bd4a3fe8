"""The words a scenario is written in: market, script, bot, expectations."""
