"""The cluster: the same steps over Apache Kafka and PostgreSQL.

Kafka carries the events; PostgreSQL holds what must move together (each step's state, its cursors, and what it wrote).
Read `turn` first: one transaction of one worker. Then `relay` (what was written goes to Kafka), `deadlines` and
`sending` (what the clock and the outside world owe), `streams.worker` (the Faust host around it).
"""
