"""How much does each hyperparameter matter, by one measure? ask, words, picture."""
