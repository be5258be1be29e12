"""Slides: what a file holds, how its tiles are had, who opened it."""
