"""Second opinions, from request to signature. A stranger to realtime and auth."""
