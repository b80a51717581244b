"""Offhook puts phone calls on the line with speech AI, many on one machine, and does not drop them."""
