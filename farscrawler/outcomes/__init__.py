"""What becomes of an address: the look at it, and the verdict on what came back."""
