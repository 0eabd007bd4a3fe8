"""What the bot keeps in the event store: its log, its inbox, and who holds them."""
