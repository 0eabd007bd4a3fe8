"""The world around the bot: clocks, the log, markets, exchanges, alerts."""
