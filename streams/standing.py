"""What a process loads at its start stays until its end: wards, places, modules, a million objects of them.

Python's search for garbage goes through all that lives again and again, and everything waits meanwhile. Hosts call
this once they are ready to work.
"""

import gc


def leave_standing() -> None:
    """Take what lives now out of the search for garbage; what comes later is looked through as ever."""
    gc.collect()
    gc.freeze()
