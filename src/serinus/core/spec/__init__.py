"""What was asked: applications, templates, steps and checks, and all that can be wrong there."""
