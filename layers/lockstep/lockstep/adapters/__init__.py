"""The ports made real; vendor libraries and their errors are seen only here."""
