"""For users' tests: the pytest plugin that checks goldens, and the fixture `perptape_bot`."""
