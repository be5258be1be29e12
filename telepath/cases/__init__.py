"""Cases and what they hold: specimens, annotations, threads."""
