"""Time, energy and luck: what the clock advances, what is integrated, what is drawn."""
