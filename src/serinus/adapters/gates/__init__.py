"""Gates that ask another program: one file for each way of asking."""
