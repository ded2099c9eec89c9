"""What is wrong with a formula: before it runs, or with the values that it met."""


class FormulaError(Exception):
    """Raised when a formula cannot be compiled; its text is the reason for people."""


class EvaluationError(Exception):
    """Raised when a formula meets values that it cannot be evaluated with, such as a division by zero."""
