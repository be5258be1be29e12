"""Slides that come in over the network or through a folder: received so that nothing is lost, then one ingest for all."""
