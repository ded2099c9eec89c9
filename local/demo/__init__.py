"""The demo: webhooks and a file through the real stack, and the org compared with what it should hold."""
