"""Ways of logging in that others vouch for: providers of single sign-on, a directory."""
