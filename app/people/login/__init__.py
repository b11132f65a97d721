"""How somebody gets in and stays in: passwords, links, logins, terms of use."""
