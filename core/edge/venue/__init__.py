"""What stands between the bot and any venue: the feed, sequence numbers, and rate budgets."""
