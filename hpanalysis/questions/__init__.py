"""What can be asked of a sweep? One folder per question, with the name of its public function and of `Answer.question`.

Each folder has::

    ask      the design of a sweep becomes an answer, and the claims that a whole report pools
    words    the answer as a table, a summary and findings
    picture  the answer as a figure

Which value is better, and how::

    check, sweep                           can the sweep answer; the sweep itself in words and as a picture
    by_level                               each value on its own: how often it wins, how often it fails
    omnibus_tests, contrast, trend         does it matter at all; which level is better; do the levels follow an order
    replicability                          on how many data sets a level is better than another
    interaction, interactions              two hyperparameters together; every pair of them
    effect_modifiers, curve                on what an effect depends; the metric along a range
    importance, disagreement, best_runs    how much each matters; why measures differ; what the best runs share
    best_of_k, tuned_contrast, winner      what tuning buys; levels each at their best; is the winner really best
    by_budget, learning_curve              does an early order hold; how runs get to their result along training
    staged, replay                         what tuning by hand showed, stage by stage; what it costs
    pareto_front, next_space               what the last point costs; what to try next

What questions share::

    registry             which questions there are, once
    verbs                table, summary, plot and findings of any answer
    answer               `Answer`, the columns of all tables, and what is asked
    finding, report      sentences with their evidence; what a whole report asks for and adjusts over
    level_claims         differences of levels as rows: of contrast, trend and the whole report
    dependence           what is said of tests whether an effect depends on another hyperparameter
    importance_measures  the eight measures of importance
"""
