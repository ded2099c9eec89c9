"""What the user of the org may see and do: permission sets, read from the schema folders and put over the schema."""
