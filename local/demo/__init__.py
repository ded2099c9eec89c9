"""The demo: some hundred signed webhooks through the real stack, and the org compared with what it should hold."""
