"""What carries data: links whose capacity is shared, the flows that cross them, the watts of both."""
