"""Readers of other people's public data, which users bring, as tables of an atlas of their own."""
