"""Trading lifecycle: from signal to position and back, and the limits on the way."""
