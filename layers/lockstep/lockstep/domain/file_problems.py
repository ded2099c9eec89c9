"""What is wrong with a file as a whole."""


class FileProblemError(Exception):
    """Raised where a file, or the rest of it, cannot be taken in.

    Args:
        reason: What is wrong, with the place. Holds no value of the file.
        remedy: What is to be done.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy[0].upper()}{remedy[1:]}")
        self.reason = reason
        self.remedy = remedy
