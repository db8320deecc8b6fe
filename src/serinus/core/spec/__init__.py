"""What was asked: applications, templates, steps and checks, and everything that can be wrong with them."""
