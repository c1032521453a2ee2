"""Why do measures of importance differ?

ask      `disagreement`: all measures side by side
reasons  by which rule two of them differ
words    measures as a table, the reasons in words and as findings
picture  ranks by measure
"""
