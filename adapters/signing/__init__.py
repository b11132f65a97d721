"""Electronic signatures in PDF files (PAdES): places for them, signing, and reading them."""
