"""One module for each first part of the URL: parse, call, render."""
