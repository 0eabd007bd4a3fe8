"""The rules of the house: what the pure part may not do, and how the tree is laid out."""
