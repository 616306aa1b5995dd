"""Every file reader against files that nobody wrote on purpose, and against files that somebody did."""
