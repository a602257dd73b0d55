"""What is peculiar to Office Ally: names, folders, limits, its text reports. Pure."""
