"""Does a hyperparameter matter at all? One test each, adjusted for all of them."""
