"""What can be claimed and how claims are named."""
