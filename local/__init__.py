"""What stands in for the outside world on one machine; nothing in the product imports it."""
