"""What is so: routes, revisions, verdicts and the record of a release."""
