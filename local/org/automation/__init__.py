"""Simulated automation: triggers that cost what Apex may use, change other records, and fail as Apex does."""
