"""What somebody shows beside the password: codes of an authenticator, recovery codes."""
