"""What Lockstep costs, side by side with plain clients in the same run."""
