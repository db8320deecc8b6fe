"""From counts to a verdict: the judge, one station of its row in each file."""
