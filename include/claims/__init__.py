"""What a claim is: the model, its identifiers, its life, its faults. Imports the standard library only."""
