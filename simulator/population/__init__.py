"""Crowds: the equipment of many users, and the lines by which they are reached, as columns."""
