"""The logger and the metrics of every function; their service name comes from POWERTOOLS_SERVICE_NAME."""

from aws_lambda_powertools import Logger, Metrics

METRICS_NAMESPACE = "Lockstep"

logger = Logger()
metrics = Metrics(namespace=METRICS_NAMESPACE)
