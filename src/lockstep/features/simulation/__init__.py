"""What each strategy earns under the terms that the contracts are deployed with (committee.md, dispute.md)."""
