"""The local org: a server that speaks Salesforce's wire, keeps real state and makes faults on demand."""
