"""The scenarios that ship: one file each, named as the tables name them."""
