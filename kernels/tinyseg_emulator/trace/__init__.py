"""The page of `tinyseg racecheck --trace`: what the threads of a block did, to be looked at.

    steps.py        columns of the page: the threads' accesses lined up as warps issue them
    requests.py     what each request of a warp costs: passes over the banks, sectors
    document.py     everything that the page shows, as JSON
    write.py        the page, one file that asks nothing of a network
    page/           its HTML, style and script

`checks/trace.py` has what is written down during a launch.
"""
