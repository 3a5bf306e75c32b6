"""What it takes to make things: the items of an asset, named factor sets, lives."""
