"""Which combination of two hyperparameters is best, and do they act together?"""
