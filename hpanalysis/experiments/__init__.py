"""WHERE NEW SWEEPS ARE MADE: small convolutional networks, trained by random search (extra `train`). A map of the room.

    command           `hpanalysis train`, also `python -m hpanalysis.experiments`
    cnn               the space of the networks, and a configuration
    cnn_problem       the search over them
    images            the data sets
    model             what one network is
    training          how one network learns
    batched_model     many networks as one computation
    batched_training  how many networks learn at once
    parameter_table   the weights of many networks as one table, and their optimizers

The search itself is in `hpanalysis.search`.
"""
