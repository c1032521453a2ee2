"""What did tuning by hand show, stage by stage, and what did it miss? Stages are those of `hpanalysis.design.stages`.

ask      `staged`: the candidates of each stage, what was kept, and every choice with the noise of seeds
study    the study as its questions need it: configurations by name, their scores, runs and costs, stage by stage
facts    what else a careful reader of such a table notes: slips, collapse, costs, orders that turn, what is untried
words    the tables of such a report, a summary and findings
picture  the candidates of each stage, and what was carried on
"""
