"""What does tuning one hyperparameter at a time cost? Replayed where every combination was tried.

ask      `replay`: how often the best cell is found and how far from it one ends, by order, and by random draws
words    the orders as a table, in words, and as findings
picture  how far from the best cell each order ends, by what is tuned first
"""
