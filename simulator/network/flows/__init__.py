"""The compiled flow engine: weighted max-min fair flows, one connected component at a time."""
