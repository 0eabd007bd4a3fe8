"""Broker edge cases: what venues answer when they do not do what they are asked."""
