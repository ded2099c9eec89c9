"""A file of any size through Lockstep, beside plain clients that upload it already mapped, on one local org."""
