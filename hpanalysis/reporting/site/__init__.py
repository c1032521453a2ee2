"""How do the pages of a report come to be, and to their place? A map of the room.

::

    report     a request becomes a folder of pages
    study      what is known of each sweep, and findings.json
    listing    findings in their order, with their numbers
    index      the page that is read first
    claims     the page of everything that was asked
    page       an executed notebook as one page
    publish    how new pages take the place of earlier ones
    templates/
"""
