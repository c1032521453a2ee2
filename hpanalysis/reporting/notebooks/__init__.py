"""How is a notebook asked, run and kept? A map of the room.

::

    parameters       what a notebook asks for, against what the user gives
    applicability    whether this sweep has what a notebook needs
    run              many at once, each in a process of its own
    worker           one, run to its page
    kernels          kernels that start with their imports done
    executed         what is kept of a notebook that was run
    helpers          what a notebook calls beside its analysis: tables, versions, alt texts
    refresh_outputs  the committed outputs of the project's own notebooks, renewed
"""
