"""What we tell people, and when: pure rules over values that have never heard of an event.

`thresholds` turns readings into crossings, `scoring` turns words into severity and evidence, `escalation` and `plans`
say who is asked and for how long, `wording` finds the words, `cap` and `lifecycle` make the official message;
`channels` is the only place that touches the network. What composes them stands one floor up, in `streams`.
"""
