"""What a person is told, on screen and by mail."""
