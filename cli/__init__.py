"""The operator's command `lockstep`."""
