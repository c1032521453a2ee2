"""The same numbers on every machine: one sweep in many processes, each as another processor would compute it."""
