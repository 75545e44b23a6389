"""What becomes of an address: the state of its visit, the verdict on what came back, the record, and when to stop."""
