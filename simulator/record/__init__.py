"""What a run leaves behind: tables of who drew what, where, when, for whom, doing what."""
