"""Running a scenario: the session in virtual time, what is probed on the way, and its proof."""
