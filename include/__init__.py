"""Claim Courier: delivers a clinic's claims to the clearinghouse and proves what became of each."""
