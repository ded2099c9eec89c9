"""A window to look through: pages of what the org holds and was asked, made on the server, without JavaScript."""
