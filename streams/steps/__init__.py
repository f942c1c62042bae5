"""The decisions: each module is one step, a plain function of (world, state, event) that gives facts.

No step imports another; what one knows of another's work it has read in a topic. No clock, no randomness, no I/O: the
time is the event's.
"""
