"""How often does each value win, and how often does it fail?"""
