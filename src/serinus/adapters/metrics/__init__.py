"""Where numbers come from: one file for each product; its name is the word in an Environment."""
