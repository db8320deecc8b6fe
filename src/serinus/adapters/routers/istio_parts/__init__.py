"""What VirtualServices and DestinationRules are made of."""
