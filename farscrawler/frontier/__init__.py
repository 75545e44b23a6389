"""The frontier: which addresses the arguments of a crawl want, and which of them are still pending in the ledger."""
