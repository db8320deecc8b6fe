// The scripts of every page.
