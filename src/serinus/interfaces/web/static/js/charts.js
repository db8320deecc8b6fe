// Charts of a release.
