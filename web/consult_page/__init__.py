"""The page of one consult: one module and one template partial for each of its sections."""
