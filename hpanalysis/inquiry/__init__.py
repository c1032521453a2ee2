"""What does a sweep say, all questions taken together?

inquiry   `Inquiry`: the claims of every registered question, the error of the whole report controlled once
findings  `findings`: claims become sentences, in the order of reading
power     is this enough data? It needs the whole family of claims, so that it is asked here
line_signs  the signs of a straight line, held against the claims
verdicts  one answer a hyperparameter
"""
