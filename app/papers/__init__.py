"""Papers: PDF files by the agency's own templates, and the signatures in them."""
