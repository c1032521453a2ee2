"""WHERE NEW SWEEPS ARE MADE: small networks, trained at random, on a grid or by hand. A map of the room.

    command           `hpanalysis train`, also `python -m hpanalysis.experiments`
    cnn               the space of the networks, and a configuration
    cnn_problem       the search over them
    images            the data sets
    model             what one network is
    training          how one network learns
    batched_model     many networks as one computation
    batched_training  how many networks learn at once
    parameter_table   the weights of many networks as one table, and their optimizers
    dense             the space of the dense networks, and a configuration
    dense_problem     the search over them
    dense_targets     what they learn
    dense_training    how one of them learns, in numpy
    by_hand           networks to be tuned by hand, and every combination of their choices
    transfer          heads on backbones that know other images
    modules           what both are made of
    messy_search      a search that nobody planned, exported as a tracker does
    cnn_surrogate     a forest in the place of the shipped sweep of CNNs, to be searched in milliseconds
    comparison        every search strategy on every problem, a row a search
    search_tables     how such a table is kept
    searches          what it shows
    searches_shown    in sentences, tables and a picture
    picks             what was picked on the forest, trained for real
    picks_shown       whether both say the same

Convolutional networks need the extra `train`, dense ones nothing.

The search itself is in `hpanalysis.search`.
"""
