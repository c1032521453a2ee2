"""What counts as evidence: answers, chance, design and estimates."""
