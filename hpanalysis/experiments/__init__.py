"""WHERE NEW SWEEPS ARE MADE: small convolutional networks, trained by random search (extra `train`). A map of the room.

    command           `hpanalysis train`, also `python -m hpanalysis.experiments`
    cnn               the space of the networks and the problem that is searched
    images            the data sets
    training          how one network learns
    batched_training  how many networks learn at once
    batched_model     many networks as one computation
    parameter_table   the weights of many networks as one table, and their optimizers

The search itself is in `hpanalysis.search`.
"""
