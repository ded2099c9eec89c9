"""Rules and shapes; nothing here can do I/O."""
