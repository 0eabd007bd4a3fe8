"""perptape as a user has it: from its wheel, beside code of their own."""
