"""Login, sessions, administration of people. A stranger to realtime and consults."""
