"""The logger and the metrics of every function.

Powertools reads their names from POWERTOOLS_SERVICE_NAME and POWERTOOLS_METRICS_NAMESPACE, which holds the stack's.
"""

from traceback import extract_tb

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()


def log_crash(message: str, error: Exception, **facts: object) -> None:
    """Log what kind of error was raised and where, but not its text, which may hold a value."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    logger.error(message, extra={"error_type": type(error).__name__, "frames": frames, **facts})
