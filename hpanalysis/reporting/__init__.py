"""How it is told: words, pictures, reports."""
