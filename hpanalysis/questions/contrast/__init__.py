"""Which level is better, and where?"""
