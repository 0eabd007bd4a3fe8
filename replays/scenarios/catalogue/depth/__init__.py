"""What the specification's rows leave open: rules that only a mutant's survival showed to be untold."""
