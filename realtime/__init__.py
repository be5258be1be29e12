"""Live rooms: messages, frames, the room itself, the bus between nodes. A stranger to consults and auth."""
