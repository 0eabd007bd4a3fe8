"""Evidence: what a run was, and expectations of it. Scenarios bring it, and the oracle judges it."""
