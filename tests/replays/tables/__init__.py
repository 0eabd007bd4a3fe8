"""Tables of recordings and streams."""
