"""What draws power: devices, the servers around them, the data centres around those."""
