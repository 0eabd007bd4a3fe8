"""What the command line runs: one module per group of commands."""
