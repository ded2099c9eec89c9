"""A seeded simulation of weeks of bad luck: the real functions over an AWS and an org in this process, on one clock."""
